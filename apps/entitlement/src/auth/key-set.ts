// The usable keys of one JSON Web Key Set, and which of them a token may be signed with.
import type { webcrypto } from 'node:crypto';
import { createLocalJWKSet, type CryptoKey, errors, type JWK } from 'jose';
import { KeySourceError } from './key-source.js';
import type { TokenHeader } from './access-token.js';

/** Most keys of a set, so that neither reading nor trying them takes long. */
const MAX_KEYS = 100;
/** Most keys that one token is tried with; only a token without a key id meets more than one. */
const MAX_CANDIDATES = 16;

/** A set of public keys. It does not change; a renewed set is another object. */
export class KeySet {
  readonly #find: ReturnType<typeof createLocalJWKSet>;

  private constructor(
    keys: JWK[],
    /** How many members of the set are not used. */
    readonly skipped: number,
    /** Whether the set contains private or symmetric keys, which are not used. */
    readonly hasSecretKeys: boolean,
    /** How many are used. */
    readonly size = keys.length,
  ) {
    this.#find = createLocalJWKSet({ keys });
  }

  /**
   * Reads a set; keys that may not verify tokens are skipped.
   *
   * @param mayBeEmpty whether a set without any member is taken; one with members has to have a usable one
   * @throws KeySourceError when it is no set, has too many keys, or none that is usable
   */
  static async parse(text: string, mayBeEmpty = false): Promise<KeySet> {
    const members = membersOf(text);
    const keys = (await Promise.all(members.map(usableKey))).filter((key) => key !== undefined);
    if (keys.length === 0 && !(mayBeEmpty && members.length === 0)) throw new KeySourceError('no-usable-key');
    return new KeySet(keys, members.length - keys.length, members.some(isSecretKey));
  }

  /** Keys that a token with this header may be signed with: those of its key id, or all of its kind if it names none. */
  async candidates({ alg, kid }: Pick<TokenHeader, 'alg' | 'kid'>): Promise<CryptoKey[]> {
    try {
      return [await this.#find({ alg, ...(kid === undefined ? {} : { kid }) })];
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return [];
      if (error instanceof errors.JWKSMultipleMatchingKeys) return firstOf(error);
      throw error;
    }
  }
}

async function firstOf(keys: errors.JWKSMultipleMatchingKeys): Promise<CryptoKey[]> {
  const found: CryptoKey[] = [];
  for await (const key of keys) {
    found.push(key);
    if (found.length === MAX_CANDIDATES) break;
  }
  return found;
}

function membersOf(text: string): readonly unknown[] {
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch {
    // The error would quote the text.
    throw new KeySourceError('not-a-key-set');
  }
  const keys = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined;
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) throw new KeySourceError('not-a-key-set');
  return keys;
}

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
function isSecretKey(member: unknown): boolean {
  return typeof member === 'object' && member !== null && SECRET_MEMBERS.some((name) => name in member);
}

/**
 * The key in its plain form when it is a sound public key for signatures, else undefined: another use or operation, an
 * unknown type or algorithm, an RSA key that is too short, a point that is not on its curve.
 */
async function usableKey(member: unknown): Promise<JWK | undefined> {
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
  const { modulusLength: bits, publicExponent } = algorithm as Partial<webcrypto.RsaKeyAlgorithm>;
  if (bits === undefined || publicExponent === undefined) return true;
  const exponent = BigInt(`0x${Buffer.from(publicExponent).toString('hex')}`);
  // With the exponent 1 anybody can sign.
  return bits >= RSA_BITS.least && bits <= RSA_BITS.most && exponent >= 3n && exponent % 2n === 1n;
}
