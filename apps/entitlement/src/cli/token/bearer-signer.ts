// Signs bearer tokens for tests, as an issuer would.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SignJWT } from 'jose';
import { usageError } from '../terminal/exit-codes.js';

export interface TokenClaims {
  user: string;
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
  /** What it puts before the scopes of a service. */
  readonly scopePrefix?: string | undefined;
}

/** The scopes as this issuer writes them. */
export function issuedScope({ scopePrefix = '' }: SigningIdentity, scope: string): string {
  if (scopePrefix === '') return scope;
  return scope.replaceAll(/\S+/g, (one) => (one.startsWith(scopePrefix) ? one : `${scopePrefix}${one}`));
}

export function signBearerToken(identity: SigningIdentity, claims: TokenClaims, now: Date): Promise<string> {
  const { issuer, audience, privateKey, algorithm: alg, keyId: kid } = identity;
  const { user, expiresInSeconds } = claims;
  const issued = Math.floor(now.getTime() / 1000);
  return new SignJWT({ scope: issuedScope(identity, claims.scope) })
    .setProtectedHeader({ alg, typ: 'at+jwt', ...(kid !== undefined && { kid }) })
    .setSubject(user)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(Math.min(issued, issued + expiresInSeconds))
    .setExpirationTime(issued + expiresInSeconds)
    .sign(privateKey);
}

/** @throws CommandError (usage) when the file holds no private key for an accepted algorithm; without its content */
export async function readPrivateKey(
  path: string,
): Promise<Pick<SigningIdentity, 'privateKey' | 'algorithm' | 'keyId'>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    throw usageError(`--key ${path}: the file cannot be read.`);
  }
  const jwk = jwkOf(text);
  let privateKey: KeyObject;
  try {
    privateKey = jwk === undefined ? createPrivateKey(text) : createPrivateKey({ key: jwk, format: 'jwk' });
  } catch {
    throw usageError(`--key ${path}: this is no private key; expected a JWK or PEM (PKCS 8) without a passphrase.`);
  }
  const algorithm = typeof jwk?.['alg'] === 'string' ? jwk['alg'] : algorithmOf(privateKey);
  if (algorithm === undefined) throw usageError(`--key ${path}: keys of this kind sign no bearer tokens.`);
  return { privateKey, algorithm, keyId: typeof jwk?.['kid'] === 'string' ? jwk['kid'] : undefined };
}

function jwkOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string | undefined {
  const curves: Record<string, string> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };
  if (type === 'rsa') return 'RS256';
  if (type === 'ed25519') return 'EdDSA';
  return type === 'ec' ? curves[details?.namedCurve ?? ''] : undefined;
}
