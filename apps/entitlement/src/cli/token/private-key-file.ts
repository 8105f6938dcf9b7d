// A private key in a file: a JWK, or PEM.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { usageError } from '../terminal/exit-codes.js';

/** A private key and what it signs with. */
export interface PrivateKey {
  readonly privateKey: KeyObject;
  readonly algorithm: string;
  /** The `kid` of a JWK. */
  readonly keyId: string | undefined;
}

/** @throws CommandError (usage) when the file holds no private key for an accepted algorithm; without its content */
export async function readPrivateKey(path: string): Promise<PrivateKey> {
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
  if (type === 'rsa') return 'RS256';
  if (type === 'ed25519') return 'EdDSA';
  return type === 'ec' ? CURVES.get(details?.namedCurve) : undefined;
}

const CURVES: ReadonlyMap<string | undefined, string> = new Map([
  ['prime256v1', 'ES256'],
  ['secp384r1', 'ES384'],
  ['secp521r1', 'ES512'],
]);
