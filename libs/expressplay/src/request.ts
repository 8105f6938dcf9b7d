// A token request of any DRM: its checks before anything is sent, its parameters, and the form that is posted.
import { checkFairPlay, fairPlayParameters, type FairPlayTokenRequest } from './fairplay.js';
import {
  characterCount,
  isWellFormed,
  momentText,
  optional,
  PARAMETERS,
  refuseIf,
  sentMs,
  UNLISTED_PARAMETERS,
  type AdditionalParameter,
  type WireParameter,
} from './parameters.js';
import { checkPlayReady, playReadyParameters, type PlayReadyTokenRequest } from './playready.js';
import { checkWidevine, widevineParameters, type WidevineTokenRequest } from './widevine.js';

/** A request for one token. */
export type TokenRequest = PlayReadyTokenRequest | FairPlayTokenRequest | WidevineTokenRequest;

/** The DRMs a token can be bought for. */
export type Drm = TokenRequest['drm'];

const LONGEST_TOKEN_LIFE_MS = 30 * 24 * 60 * 60 * 1000;

/** Names that the request's own fields and the client's options decide on, for every service alike. */
const TAKEN: ReadonlySet<string> = new Set([...Object.values(PARAMETERS), ...Object.values(UNLISTED_PARAMETERS)]);

/**
 * Checks a request: what ExpressPlay would refuse is refused here, with its code.
 *
 * @param now the moment that the ends of a rental and of the token must lie after
 * @throws InvalidTokenRequestError for the first parameter at fault
 */
export function checkTokenRequest(request: TokenRequest, now: Date): void {
  if (request.drm === 'playready') checkPlayReady(request, now);
  else if (request.drm === 'fairplay') checkFairPlay(request);
  else checkWidevine(request);
  const { expiresAt, cookie, additionalParameters } = request;
  const lifeMs = sentMs(expiresAt) - now.getTime();
  refuseIf(!(lifeMs > 0 && lifeMs <= LONGEST_TOKEN_LIFE_MS), PARAMETERS.expirationTime, -2002);
  if (cookie !== undefined) {
    refuseIf(characterCount(cookie) > 32 || !isWellFormed(cookie), PARAMETERS.cookie, -2033);
  }
  checkAdditionalParameters(additionalParameters);
}

/** Checks the names, of which ExpressPlay knows nothing: hence faults and no codes. The values are the account's business. */
function checkAdditionalParameters(parameters: readonly AdditionalParameter[] = []): void {
  const seen = new Set<string>();
  for (const { name, value } of parameters) {
    refuseIf(name === '', name, 'empty-name');
    refuseIf(TAKEN.has(name), name, 'documented-name');
    refuseIf(seen.has(name), name, 'duplicate-name');
    refuseIf(!isWellFormed(name) || !isWellFormed(value), name, 'ill-formed-text');
    seen.add(name);
  }
}

/**
 * Every parameter of a request that was checked, in the order in which it is sent: the token's, the licence's, expiry and cookie,
 * and after these what the published tables do not list and the request has not sent.
 */
export function tokenParameters(
  request: TokenRequest,
  client: { customerAuthenticator: string; useHttps: boolean },
): WireParameter[] {
  const own: WireParameter[] = [
    [PARAMETERS.customerAuthenticator, client.customerAuthenticator],
    [PARAMETERS.errorFormat, 'json'],
    ...licenseParameters(request),
    [PARAMETERS.expirationTime, momentText(request.expiresAt)],
    ...optional(PARAMETERS.cookie, request.cookie),
    ...optional(UNLISTED_PARAMETERS.useHttps, client.useHttps ? 'true' : undefined),
  ];
  const { additionalParameters = [] } = request;
  if (additionalParameters.length === 0) return own;
  const sent = new Set(own.flatMap(([name]) => [name, name.replace(/\.\d+$/, '')]));
  const others = additionalParameters.filter(({ name }) => !sent.has(name));
  return [...own, ...others.map(({ name, value }): WireParameter => [name, value])];
}

function licenseParameters(request: TokenRequest): WireParameter[] {
  if (request.drm === 'playready') return playReadyParameters(request);
  return request.drm === 'fairplay' ? fairPlayParameters(request) : widevineParameters(request);
}

const HEX = Buffer.from('0123456789abcdef');

/**
 * The parameters as `application/x-www-form-urlencoded`, with a `+` as `%2B` (an unencoded one decodes to a space) and
 * bytes in hex. Clear it when it has been sent: strings cannot be, so keys never become one.
 */
export function encodeForm(parameters: readonly WireParameter[]): Buffer {
  const pairs = parameters.map(([name, value]) => {
    const isText = typeof value === 'string';
    return { text: new URLSearchParams([[name, isText ? value : '']]).toString(), key: isText ? [] : value };
  });
  const length = pairs.reduce((sum, { text, key }) => sum + text.length + 2 * key.length + 1, -1);
  // Memory of its own, not a part of a pool that others write to.
  const form = Buffer.alloc(Math.max(0, length));
  let end = 0;
  for (const { text, key } of pairs) {
    if (end > 0) end = form.writeUInt8(0x26, end);
    end += form.write(text, end, 'latin1');
    for (const byte of key) {
      end = form.writeUInt8(HEX.readUInt8(byte >> 4), end);
      end = form.writeUInt8(HEX.readUInt8(byte & 15), end);
    }
  }
  return form;
}
