// Wrapping of content keys under a key-encryption key: AES Key Wrap, RFC 3394.
import { createCipheriv, createDecipheriv } from 'node:crypto';

/** RFC 3394, section 2.2.3.1: the default initial value, by which unwrapping detects a wrong KEK or a changed key. */
const INITIAL_VALUE = Buffer.alloc(8, 0xa6);

/** A wrapped key does not belong to this KEK, or was changed: the integrity check of RFC 3394 failed. */
export class KeyIntegrityError extends Error {
  override readonly name = 'KeyIntegrityError';

  constructor() {
    // Without a cause: OpenSSL's error says no more, and nothing of the keys may travel with this one.
    super('the wrapped key fails the integrity check of RFC 3394 under this key-encryption key');
  }
}

/**
 * Wraps a key under a KEK.
 *
 * @param kek 16, 24 or 32 bytes
 * @param key at least 16 bytes, a multiple of 8; a content key has 16
 * @returns the wrapped key, 8 bytes longer than `key`
 * @throws RangeError when a length is not one of these
 */
export function wrapKey(kek: Uint8Array, key: Uint8Array): Uint8Array {
  const algorithm = cipherFor(kek);
  if (key.length < 16 || key.length % 8 !== 0) {
    throw new RangeError(`a key to wrap has at least 16 bytes and a multiple of 8, not ${key.length}`);
  }
  const cipher = createCipheriv(algorithm, kek, INITIAL_VALUE);
  return joined(cipher.update(key), cipher.final());
}

/**
 * Recovers a key that was wrapped under a KEK.
 *
 * @param kek 16, 24 or 32 bytes
 * @param wrapped at least 24 bytes, a multiple of 8; a wrapped content key has 24
 * @returns the key, 8 bytes shorter than `wrapped`, in memory of its own: clear it (`fill(0)`) when it has been used
 * @throws RangeError when a length is not one of these
 * @throws KeyIntegrityError when the KEK is not the one it was wrapped under, or the wrapped key was changed
 */
export function unwrapKey(kek: Uint8Array, wrapped: Uint8Array): Uint8Array {
  const algorithm = cipherFor(kek);
  if (wrapped.length < 24 || wrapped.length % 8 !== 0) {
    throw new RangeError(`a wrapped key has at least 24 bytes and a multiple of 8, not ${wrapped.length}`);
  }
  const decipher = createDecipheriv(algorithm, kek, INITIAL_VALUE);
  try {
    return joined(decipher.update(wrapped), decipher.final());
  } catch {
    throw new KeyIntegrityError();
  }
}

/** Both parts in memory of its own. The parts are cleared: nobody else can, and after unwrapping they are a key. */
function joined(head: Buffer, tail: Buffer): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  head.fill(0);
  tail.fill(0);
  return bytes;
}

function cipherFor(kek: Uint8Array): string {
  if (![16, 24, 32].includes(kek.length)) {
    throw new RangeError(`a key-encryption key has 16, 24 or 32 bytes, not ${kek.length}`);
  }
  return `id-aes${kek.length * 8}-wrap`;
}
