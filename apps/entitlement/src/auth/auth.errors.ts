// Why a caller is not let in, with the challenges of RFC 6750.
import { DomainError } from '@app/platform/problems';

const REALM = 'entitlement';

/** What is wrong with a bearer token, in fixed words: nothing of the token is repeated. */
export const TOKEN_FAULTS = {
  missing: 'A bearer token is required in the Authorization header.',
  malformed: 'The bearer token is not a well-formed signed JWT.',
  'too-long': 'The bearer token is longer than any that is accepted.',
  algorithm: 'The bearer token is signed with an algorithm that is not accepted.',
  extension: 'The bearer token requires an extension that is not supported.',
  kind: 'The bearer token is not an access token.',
  bound: 'The bearer token is bound to a key, so the bearer alone is not let in.',
  // The same words: callers are not told which key ids there are. The log tells the two apart.
  'unknown-key': 'The signature of the bearer token is not valid.',
  signature: 'The signature of the bearer token is not valid.',
  expired: 'The bearer token has expired.',
  'not-yet-valid': 'The bearer token is not valid yet.',
  issuer: 'The bearer token is from another issuer.',
  audience: 'The bearer token is for another audience.',
  subject: 'The bearer token names no usable subject.',
  claims: 'The bearer token lacks a required claim or has a malformed one.',
} as const;

/** One thing that can be wrong with a bearer token. */
export type TokenFault = keyof typeof TOKEN_FAULTS;

/** There is no bearer token, or it is not valid. */
export class UnauthenticatedError extends DomainError {
  constructor(readonly fault: TokenFault) {
    const detail = TOKEN_FAULTS[fault];
    // A request without any token gets a challenge without an error (RFC 6750, 3.1).
    const error = fault === 'missing' ? '' : `, error="invalid_token", error_description="${detail}"`;
    super('unauthenticated', detail, { headers: { 'WWW-Authenticate': `Bearer realm="${REALM}"${error}` } });
  }
}

/** The bearer token is valid but does not allow this. */
export class InsufficientScopeError extends DomainError {
  constructor(scope: string) {
    const challenge = `Bearer realm="${REALM}", error="insufficient_scope", scope="${scope}"`;
    super('insufficient-scope', `The bearer token lacks the scope ${scope}.`, {
      headers: { 'WWW-Authenticate': challenge },
    });
  }
}

/** The public keys cannot be had at the moment, so no token can be checked: our trouble, not the caller's. */
export class SigningKeysUnavailableError extends DomainError {
  constructor(cause: unknown) {
    super('service-unavailable', 'Bearer tokens cannot be checked at the moment.', { cause, retryAfterSeconds: 5 });
  }
}
