// Signs bearer tokens for tests, as an issuer would.
import type { KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';

/** What goes into a token. */
export interface TokenClaims {
  /** The user id, as the `sub` claim. */
  user: string;
  /** Space-separated scopes. */
  scope: string;
  /** Life in seconds; negative for one that has expired. */
  expiresInSeconds: number;
}

/** An issuer that one has the private key of. */
export interface SigningIdentity {
  readonly issuer: string;
  readonly audience: string;
  readonly privateKey: KeyObject;
  readonly algorithm: string;
  /** Which key of the issuer's set it is; undefined when the set has only one of its kind. */
  readonly keyId?: string | undefined;
}

/** @param now the moment of issue */
export function signBearerToken(identity: SigningIdentity, claims: TokenClaims, now: Date): Promise<string> {
  const { issuer, audience, privateKey, algorithm, keyId } = identity;
  const { user, scope, expiresInSeconds } = claims;
  const issued = Math.floor(now.getTime() / 1000);
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', ...(keyId === undefined ? {} : { kid: keyId }) })
    .setSubject(user)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(Math.min(issued, issued + expiresInSeconds))
    .setExpirationTime(issued + expiresInSeconds)
    .sign(privateKey);
}
