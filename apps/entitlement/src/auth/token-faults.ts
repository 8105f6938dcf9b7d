// Names what jose found wrong with a token.
import { errors } from 'jose';
import type { TokenFault } from './auth.errors.js';

const CLAIM_FAULTS: ReadonlyMap<string, TokenFault> = new Map([
  ['iss', 'issuer'],
  ['sub', 'subject'],
  ['nbf', 'not-yet-valid'],
]);

/** The fault for an error of jose's `jwtVerify`, or undefined for an error that is not about the token. */
export function tokenFault(error: unknown): TokenFault | undefined {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    // A claim of the wrong type ("invalid") says nothing about time.
    return error.claim === 'nbf' && error.reason === 'invalid' ? 'claims' : (CLAIM_FAULTS.get(error.claim) ?? 'claims');
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown-key';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  return error instanceof errors.JOSEError ? 'malformed' : undefined;
}
