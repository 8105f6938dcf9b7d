// Which keys of an issuer's set may verify a bearer token.
import { createLocalJWKSet, type CryptoKey, type JWK } from 'jose';

/** Members that only private and symmetric keys have (RFC 7518, 6). */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** What is read of a key. Certificates and addresses of certificates (`x5c`, `x5u`) are neither trusted nor followed. */
const MEMBERS = ['kty', 'kid', 'use', 'key_ops', 'alg', 'crv', 'n', 'e', 'x', 'y'];

/** An algorithm to try a key with that names none, by its curve, or by its type when it has none. */
const ANY_ALGORITHM: ReadonlyMap<unknown, string> = new Map([
  ['RSA', 'RS256'],
  ['P-256', 'ES256'],
  ['P-384', 'ES384'],
  ['P-521', 'ES512'],
  ['Ed25519', 'EdDSA'],
]);

const ED25519_NAMES: readonly unknown[] = ['EdDSA', 'Ed25519'];

/** The shortest RSA modulus is RFC 7518's; a longer one than the longest would make each request expensive. */
const RSA_BITS = { least: 2048, most: 8192 };

/** Whether a member of a key set is, or may be, a private or a symmetric key. */
export function isSecretKey(member: unknown): boolean {
  return typeof member === 'object' && member !== null && SECRET_MEMBERS.some((name) => name in member);
}

/**
 * The key in its plain form when it is a sound public key for signatures, else undefined: another use or operation, an
 * unknown type or algorithm, an RSA key that is too short, a point that is not on its curve.
 */
export async function usableKey(member: unknown): Promise<JWK | undefined> {
  if (typeof member !== 'object' || member === null || isSecretKey(member)) return undefined;
  const jwk = Object.fromEntries(Object.entries(member).filter(([name]) => MEMBERS.includes(name))) as JWK;
  // Two names of one algorithm (RFC 9864): the curve says the same, and the token may use the other.
  if (jwk.crv === 'Ed25519' && ED25519_NAMES.includes(jwk.alg)) delete jwk.alg;
  const alg = jwk.alg ?? ANY_ALGORITHM.get(jwk.crv ?? jwk.kty);
  if (alg === undefined) return undefined;
  try {
    return isSound(await createLocalJWKSet({ keys: [jwk] })({ alg })) ? jwk : undefined;
  } catch {
    return undefined;
  }
}

function isSound({ algorithm }: CryptoKey): boolean {
  if (!isRsa(algorithm)) return true;
  const { modulusLength: bits, publicExponent } = algorithm;
  const exponent = BigInt(`0x${Buffer.from(publicExponent).toString('hex')}`);
  // With the exponent 1 anybody can sign.
  return bits >= RSA_BITS.least && bits <= RSA_BITS.most && exponent >= 3n && exponent % 2n === 1n;
}

interface RsaAlgorithm {
  readonly modulusLength: number;
  readonly publicExponent: Uint8Array;
}

function isRsa(algorithm: object): algorithm is RsaAlgorithm {
  return 'modulusLength' in algorithm && 'publicExponent' in algorithm;
}
