// Which hosts a licence URL may have: the token goes wherever the player is sent.
import { tokenServiceDomain, type TokenServiceLocation } from './hosts.js';

/** Whether a licence URL may have a host, given as `URL.hostname` has it: in lower case, without port. */
export type LicenseHostCheck = (hostname: string) => boolean;

/**
 * The check for one location: any host below the environment's domain, the host of `baseUrl`, and those named. A production
 * account is not answered with a test URL, nor the other way round: such a token could not be redeemed.
 *
 * @param location where the token services are
 * @param licenseHosts names of further hosts, without scheme and port
 * @throws TypeError when one of them is something else
 */
export function licenseHostCheck(
  location: TokenServiceLocation,
  licenseHosts: readonly string[] = [],
): LicenseHostCheck {
  const suffix = `.${tokenServiceDomain(location)}`;
  const named = new Set(licenseHosts.map(checkedHost));
  if (location.baseUrl !== undefined) {
    named.add(new URL(location.baseUrl).hostname);
  }
  return (hostname) => hostname.endsWith(suffix) || named.has(hostname);
}

/** A name or an IPv4 address, or an IPv6 address in brackets. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])$/;

function checkedHost(host: string): string {
  const lower = host.toLowerCase();
  const url = `http://${lower}`;
  if (!HOST.test(lower) || !URL.canParse(url) || new URL(url).hostname !== lower) {
    throw new TypeError('licenseHosts must be names of hosts, without scheme, port and path');
  }
  return lower;
}
