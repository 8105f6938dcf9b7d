// What the claims of a verified token must be, beyond what every JWT's must: those of an access token for a bearer.
import type { JWTPayload } from 'jose';
import { USER_ID } from '../store-ids.js';
import type { TokenFault } from './auth.errors.js';

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
  return FOREIGN_KINDS.some(([claim, kinds]) => kinds.includes(String(claims[claim]).toLowerCase()));
}

function isSubject(subject: unknown): subject is string {
  return typeof subject === 'string' && USER_ID.test(subject);
}
