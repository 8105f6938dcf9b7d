// Makes one `IssuedToken` of either shape of answer, and believes neither before its parts are checked.
import { UnreadableAnswerError } from './errors.js';
import type { LicenseHostCheck } from './license-hosts.js';
import type { IssuedToken } from './token-request.js';

const TOKEN_PARAMETER = 'ExpressPlayToken';
const URL_SAFE_BASE64 = /^[A-Za-z0-9_-]+={0,2}$/;
/**
 * `http` or `https`, a host, perhaps a port, path and query, of the characters of RFC 3986. Stricter than URL parsers, which guess and
 * do not agree: a player's must not find another host in it than the one that was checked here. Credentials would go to the player
 * with the URL; behind a fragment the token would never reach the server.
 */
const PLAIN_URL = /^https?:\/\/(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?(?:[/?][\w\-.~:/?[\]@!$&'()*+,;=%]*)?$/i;

/**
 * The PlayReady shape: licence URL and token apart, to be joined for the player.
 *
 * @throws UnreadableAnswerError when a part is absent or not what it should be
 */
export function tokenFromPair(
  httpStatus: number,
  url: unknown,
  token: unknown,
  isLicenseHost: LicenseHostCheck,
): IssuedToken {
  if (typeof url !== 'string' || typeof token !== 'string') {
    throw new UnreadableAnswerError(httpStatus, 'no-token');
  }
  // With a token of its own the joined URL would have two.
  if (checkedUrl(httpStatus, url, isLicenseHost).searchParams.has(TOKEN_PARAMETER)) {
    throw new UnreadableAnswerError(httpStatus, 'bad-url');
  }
  checkToken(httpStatus, token);
  const separator = url.includes('?') ? '&' : '?';
  return { licenseUrl: `${url}${separator}${TOKEN_PARAMETER}=${token}`, licenseAcquisitionUrl: url, token };
}

/**
 * The FairPlay and Widevine shape: a `text/uri-list` of one URL with the token in its query.
 *
 * @throws UnreadableAnswerError when it is anything else
 */
export function tokenFromUrl(httpStatus: number, body: string, isLicenseHost: LicenseHostCheck): IssuedToken {
  const [url, ...more] = body
    .split(/\r?\n/)
    .map((line) => line.trim())
    // Comments of a uri-list (RFC 2483).
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (url === undefined || more.length > 0 || !/^https?:/i.test(url)) {
    throw new UnreadableAnswerError(httpStatus, 'no-token');
  }
  const tokens = checkedUrl(httpStatus, url, isLicenseHost).searchParams.getAll(TOKEN_PARAMETER);
  const token = tokens[0];
  if (token === undefined || tokens.length > 1) {
    throw new UnreadableAnswerError(httpStatus, 'no-token');
  }
  checkToken(httpStatus, token);
  return { licenseUrl: url, licenseAcquisitionUrl: withoutToken(url), token };
}

/** Cut out of the text, because writing the URL anew would drop a port that its scheme implies. */
function withoutToken(url: string): string {
  const start = url.indexOf('?');
  const query = url
    .slice(start + 1)
    .split('&')
    .filter((parameter) => !new URLSearchParams(parameter).has(TOKEN_PARAMETER))
    .join('&');
  return query === '' ? url.slice(0, start) : `${url.slice(0, start)}?${query}`;
}

function checkedUrl(httpStatus: number, text: string, isLicenseHost: LicenseHostCheck): URL {
  if (!PLAIN_URL.test(text) || !URL.canParse(text)) {
    throw new UnreadableAnswerError(httpStatus, 'bad-url');
  }
  const url = new URL(text);
  if (!isLicenseHost(url.hostname)) {
    throw new UnreadableAnswerError(httpStatus, 'foreign-host');
  }
  return url;
}

function checkToken(httpStatus: number, token: string): void {
  if (!URL_SAFE_BASE64.test(token)) {
    throw new UnreadableAnswerError(httpStatus, 'bad-token');
  }
}
