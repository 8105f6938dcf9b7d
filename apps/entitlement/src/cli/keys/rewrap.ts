// Takes one content key from one KEK to another, in buffers that are cleared.
import { timingSafeEqual } from 'node:crypto';
import { unwrapKey, wrapKey } from '@app/key-wrapping';

/** @throws Error when `from` does not unwrap the key, or the result does not unwrap to it */
export function rewrap(ek: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const key = unwrapKey(from, ek);
  let again: Uint8Array | undefined;
  try {
    const wrapped = wrapKey(to, key);
    // The old wrapped key is about to be overwritten: there must be no doubt about the new one.
    again = unwrapKey(to, wrapped);
    if (!timingSafeEqual(key, again)) throw new Error('the content key does not survive being wrapped');
    return wrapped;
  } finally {
    key.fill(0);
    again?.fill(0);
  }
}
