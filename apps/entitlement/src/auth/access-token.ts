// What a bearer token says, and whether it is an access token for this service: its header before anything of it is believed, and the
// claims beyond what every JWT's must be.
import { parseJson } from '@app/platform/http';
import type { JWTPayload } from 'jose';
import { isUserId } from '../field-rules.js';
import { type TokenFault, UnauthenticatedError } from './auth.errors.js';

/** Longest token, in characters. Issuers that put many roles into a token stay well below. */
export const MAX_TOKEN_LENGTH = 8192;
/** Longest encoded JOSE header, in characters. */
const MAX_HEADER_LENGTH = 2048;
const MAX_KEY_ID_LENGTH = 255;

/** A compact JWS (RFC 7515, 7.1), unsigned ones too, so that those hear what is wrong. */
const COMPACT = /^([\w-]+)\.[\w-]+\.[\w-]*$/;

/** Types of an access token (RFC 9068, 2.1), and the general one that many issuers still write. */
const ACCESS_TOKEN_TYPES: readonly unknown[] = [undefined, 'jwt', 'at+jwt'];

/** The part of a token's header that the search for its key goes by. */
export interface TokenHeader {
  readonly alg: string;
  readonly kid: string | undefined;
  /** Whether the header says that this is an access token and nothing else. */
  readonly isAccessToken: boolean;
}

/**
 * Reads and checks the header of a token. Where it says that its key can be found (`jwk`, `jku`, `x5u`, `x5c`) is not
 * looked at: keys are those of the configured set alone.
 *
 * @param algorithms those that are allowed
 * @throws UnauthenticatedError when the token cannot be an access token that this service accepts
 */
export function readTokenHeader(token: string, algorithms: readonly string[]): TokenHeader {
  if (token.length > MAX_TOKEN_LENGTH) throw new UnauthenticatedError('too-long');
  const encoded = COMPACT.exec(token)?.[1];
  if (encoded === undefined) throw new UnauthenticatedError('malformed');
  if (encoded.length > MAX_HEADER_LENGTH) throw new UnauthenticatedError('too-long');
  const { alg, kid, typ, ...others } = parse(encoded);
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
  const fault = headerFault({ alg, kid, type, isExtended: 'crit' in others }, algorithms);
  if (fault !== undefined) throw new UnauthenticatedError(fault);
  return { alg: String(alg), kid: kid as string | undefined, isAccessToken: type === 'at+jwt' };
}

function parse(encoded: string): Record<string, unknown> {
  try {
    return strictJsonObject(encoded);
  } catch {
    throw new UnauthenticatedError('malformed');
  }
}

interface Parameters {
  readonly alg: unknown;
  readonly kid: unknown;
  readonly type: unknown;
  readonly isExtended: boolean;
}

function headerFault(
  { alg, kid, type, isExtended }: Parameters,
  algorithms: readonly string[],
): TokenFault | undefined {
  if (typeof alg !== 'string') return 'malformed';
  if (!algorithms.includes(alg)) return 'algorithm';
  // No extension is understood here, and one that is critical must be (RFC 7515, 4.1.11).
  if (isExtended) return 'extension';
  if (!ACCESS_TOKEN_TYPES.includes(type)) return 'kind';
  const namesKey = kid === undefined || (typeof kid === 'string' && kid.length <= MAX_KEY_ID_LENGTH);
  return namesKey ? undefined : 'malformed';
}

/** The last second of the year 9999. A later time is a mistake of the issuer, milliseconds for seconds say. */
const LAST_SECOND = 253_402_300_799;

/** Claims of OpenID Connect that ID tokens and logout tokens have and access tokens do not need. */
const FOREIGN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'];

/** Claims in which some issuers say what a token is for (Keycloak, Cognito), and what they call other tokens. */
const FOREIGN_KINDS: readonly (readonly [claim: string, kinds: readonly unknown[]])[] = [
  ['typ', ['id', 'refresh', 'offline', 'logout']],
  ['token_use', ['id', 'refresh']],
];

/** A scope-token of RFC 6749, 3.3. */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** How the claims are judged. */
export interface ClaimCircumstances {
  /** Of which a token has to name one. */
  readonly audiences: readonly string[];
  /** The claim that names the audience in tokens without `aud`; without it they are refused. */
  readonly audienceClaim: string | undefined;
  /** Seconds since 1970. */
  readonly now: number;
  /** How far the issuer's clock may be off, in seconds. */
  readonly skew: number;
  /** Whether the token's header says that it is an access token. */
  readonly isAccessToken: boolean;
}

/** What is wrong with claims whose signature, issuer, `exp` and `nbf` are good, or undefined. */
export function accessClaimsFault(claims: JWTPayload, circumstances: ClaimCircumstances): TokenFault | undefined {
  const { now, skew, isAccessToken } = circumstances;
  if (!isForAudience(claims, circumstances)) return 'audience';
  if ([claims.exp, claims.nbf, claims.iat].some((time) => time !== undefined && !isTime(time))) return 'claims';
  if (claims.iat !== undefined && claims.iat > now + skew) return 'not-yet-valid';
  // A token that says what it is in its header is believed: the issuer signed that too.
  if (!isAccessToken && isOfAnotherKind(claims)) return 'kind';
  // Bound to a key that the caller has to prove (RFC 7800, 8705, 9449): without the proof it may be stolen.
  if (Object.hasOwn(claims, 'cnf')) return 'bound';
  return isSubject(claims.sub) ? undefined : 'subject';
}

/**
 * Scopes separated by spaces (RFC 9068) or in a list, of the first claim that is there. What is no scope by the RFC's
 * characters, for example two names with a tab between, is none.
 */
export function scopesOf(claims: JWTPayload, scopeClaims: readonly string[]): Set<string> {
  const present = scopeClaims.find((claim) => Object.hasOwn(claims, claim));
  const value = present === undefined ? undefined : claims[present];
  const names: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(' ') : [];
  return new Set(names.filter((name) => typeof name === 'string').filter((name) => SCOPE.test(name)));
}

/** A NumericDate (RFC 7519, 2): seconds, fractions allowed. A JSON number may be too large for one, even infinite. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= LAST_SECOND;
}

/**
 * A token that names audiences in `aud` is judged by them alone: one for another API is not let in because the same client
 * asked for it. ID tokens always have `aud` (OpenID Connect Core, 2).
 */
function isForAudience(claims: JWTPayload, { audiences, audienceClaim }: ClaimCircumstances): boolean {
  const name = Object.hasOwn(claims, 'aud') ? 'aud' : audienceClaim;
  const named: unknown = name === undefined || !Object.hasOwn(claims, name) ? undefined : claims[name];
  return audiences.some((audience) => (Array.isArray(named) ? named.includes(audience) : named === audience));
}

function isOfAnotherKind(claims: JWTPayload): boolean {
  if (FOREIGN_CLAIMS.some((name) => Object.hasOwn(claims, name))) return true;
  return FOREIGN_KINDS.some(([claim, kinds]) => kinds.includes(lowerCased(claims[claim])));
}

function lowerCased(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : undefined;
}

function isSubject(subject: unknown): subject is string {
  return typeof subject === 'string' && isUserId(subject);
}

/**
 * Decodes base64url and parses a JSON object. Which of two members with one name counts differs between parsers, so an
 * issuer and this service might read different claims: such a text is refused (RFC 7519, 4), at any depth, as is a text
 * that is not UTF-8.
 *
 * @throws JsonError or TypeError when it is not a JSON object, or a name is repeated
 */
export function strictJsonObject(encoded: string): Record<string, unknown> {
  // An issuer may name its claims as it likes.
  const value = parseJson(Buffer.from(encoded, 'base64url'), { anyName: true });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object');
  return value as Record<string, unknown>;
}
