// The usable keys of one JSON Web Key Set, and which of them a token may be signed with.
import { createLocalJWKSet, type CryptoKey, errors, type JWK } from 'jose';
import { KeySourceError } from './key-source.js';
import type { TokenHeader } from './token-header.js';
import { isSecretKey, usableKey } from './usable-key.js';

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
