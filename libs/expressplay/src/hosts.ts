// Where the token services are (the table "Hosts"), and which hosts a licence URL may have.
import type { TokenService } from './codes.js';

/** Which of an account's two environments is asked. */
export type ExpressPlayEnvironment = 'test' | 'production';

/** What decides the address of the token services. */
export interface TokenServiceLocation {
  environment: ExpressPlayEnvironment;
  /** The production domain of the account's region: Europe or China. Test has one domain for both. */
  prodDomain: 'service.expressplay.com' | 'service.expressplay.cn';
  /** Replaces scheme, host and port (an emulator's, say); the paths stay. Never a host of the other environment. */
  baseUrl?: string;
  /** `allow` lets `baseUrl` take the place of production's hosts, and so get production's authenticator. */
  baseUrlInProduction?: 'allow';
}

const TEST_DOMAIN = 'test.expressplay.com';

/** Every domain that ExpressPlay's own hosts are below. */
const EXPRESSPLAY_DOMAINS = ['expressplay.com', 'expressplay.cn'];

/** The abbreviation that each service has in its host name and path. */
const ABBREVIATIONS: Record<TokenService, string> = { playready: 'pr', fairplay: 'fp', widevine: 'wv' };

/**
 * The URL that requests to a token service are posted to. The environment decides it together with the authenticator: what
 * is for one environment's hosts has no way to the other's.
 *
 * @throws TypeError when `baseUrl` is not a plain http or https URL (without credentials, query and fragment), is one of
 *   ExpressPlay's hosts outside of the environment or without https, or stands in for production without `baseUrlInProduction`
 */
export function tokenServiceUrl(service: TokenService, location: TokenServiceLocation): string {
  const abbreviation = ABBREVIATIONS[service];
  const path = `/hms/${abbreviation}/token`;
  if (location.baseUrl !== undefined) return `${checkedBaseUrl(location.baseUrl, location)}${path}`;
  return `https://${abbreviation}-gen.${tokenServiceDomain(location)}${path}`;
}

/** The base URL, without a slash at its end, of what an account manages: key storage and record retrieval. @throws TypeError as `tokenServiceUrl` */
export function accountApiUrl(location: TokenServiceLocation): string {
  if (location.baseUrl !== undefined) return checkedBaseUrl(location.baseUrl, location);
  return `https://api.${tokenServiceDomain(location)}`;
}

/** The domain that token services and licence servers of the environment have in common. */
function tokenServiceDomain({ environment, prodDomain }: TokenServiceLocation): string {
  return environment === 'production' ? prodDomain : TEST_DOMAIN;
}

/** The base URL without a slash at its end. The errors do not repeat the value: a URL can hold a password. */
function checkedBaseUrl(baseUrl: string, location: TokenServiceLocation): string {
  const { environment, baseUrlInProduction } = location;
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username + url.password + url.search + url.hash !== '') {
    throw new TypeError('baseUrl must be an http or https URL without credentials, query and fragment');
  }
  // A name may end in the dot of the root and mean the same host.
  const host = url.hostname.replace(/\.$/, '');
  const isExpressPlays = isBelow(host, EXPRESSPLAY_DOMAINS);
  if (isExpressPlays && !isBelow(host, [tokenServiceDomain(location)])) {
    throw new TypeError(`baseUrl must not be a host of ExpressPlay's outside of the ${environment} environment`);
  }
  if (isExpressPlays && url.protocol !== 'https:') {
    throw new TypeError("baseUrl must be an https URL when it is a host of ExpressPlay's");
  }
  if (environment === 'production' && baseUrlInProduction !== 'allow') {
    throw new TypeError('baseUrl must be allowed by baseUrlInProduction in the production environment');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function isBelow(host: string, domains: readonly string[]): boolean {
  return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

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
  if (location.baseUrl !== undefined) named.add(new URL(location.baseUrl).hostname);
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
