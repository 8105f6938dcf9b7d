// Where the token services are: the table "Hosts".
import type { TokenService } from './event-codes.js';

/** Which of an account's two environments is asked. */
export type ExpressPlayEnvironment = 'test' | 'production';

/** The production domain of the account's region: Europe or China. Test has one domain for both. */
export type ExpressPlayProdDomain = 'service.expressplay.com' | 'service.expressplay.cn';

/** What decides the address of the token services. */
export interface TokenServiceLocation {
  environment: ExpressPlayEnvironment;
  prodDomain: ExpressPlayProdDomain;
  /** Replaces scheme, host and port (an emulator's, say); the paths stay. */
  baseUrl?: string;
}

const TEST_DOMAIN = 'test.expressplay.com';

/** The abbreviation that each service has in its host name and path. */
const ABBREVIATIONS: Record<TokenService, string> = { playready: 'pr', fairplay: 'fp', widevine: 'wv' };

/**
 * The URL that requests to a token service are posted to.
 *
 * @throws TypeError when `baseUrl` is not a plain http or https URL (without credentials, query and fragment)
 */
export function tokenServiceUrl(service: TokenService, location: TokenServiceLocation): string {
  const abbreviation = ABBREVIATIONS[service];
  const path = `/hms/${abbreviation}/token`;
  if (location.baseUrl !== undefined) {
    return `${checkedBaseUrl(location.baseUrl)}${path}`;
  }
  return `https://${abbreviation}-gen.${tokenServiceDomain(location)}${path}`;
}

/** The domain that token services and licence servers of the environment have in common. */
export function tokenServiceDomain({ environment, prodDomain }: TokenServiceLocation): string {
  return environment === 'production' ? prodDomain : TEST_DOMAIN;
}

/** The base URL without a slash at its end. The error does not repeat the value: a URL can hold a password. */
function checkedBaseUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const plain =
    url !== undefined &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '';
  if (!plain) {
    throw new TypeError('baseUrl must be an http or https URL without credentials, query and fragment');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
