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
  if (location.baseUrl !== undefined) {
    return `${checkedBaseUrl(location.baseUrl, location)}${path}`;
  }
  return `https://${abbreviation}-gen.${tokenServiceDomain(location)}${path}`;
}

/** The domain that token services and licence servers of the environment have in common. */
export function tokenServiceDomain({ environment, prodDomain }: TokenServiceLocation): string {
  return environment === 'production' ? prodDomain : TEST_DOMAIN;
}

/** The base URL without a slash at its end. The errors do not repeat the value: a URL can hold a password. */
function checkedBaseUrl(baseUrl: string, location: TokenServiceLocation): string {
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
  // A name may end in the dot of the root and mean the same host.
  const host = url.hostname.replace(/\.$/, '');
  if (isBelow(host, EXPRESSPLAY_DOMAINS) && !isBelow(host, [tokenServiceDomain(location)])) {
    throw new TypeError(
      `baseUrl must not be a host of ExpressPlay's outside of the ${location.environment} environment`,
    );
  }
  if (isBelow(host, EXPRESSPLAY_DOMAINS) && url.protocol !== 'https:') {
    throw new TypeError("baseUrl must be an https URL when it is a host of ExpressPlay's");
  }
  if (location.environment === 'production' && location.baseUrlInProduction !== 'allow') {
    throw new TypeError('baseUrl must be allowed by baseUrlInProduction in the production environment');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function isBelow(host: string, domains: readonly string[]): boolean {
  return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}
