// How a title's content key is handed to ExpressPlay: wrapped, from its key storage, or, for accounts that need it, in the clear.
import type { ContentKeySource } from '@app/expressplay';
import { unwrapKey } from '@app/key-wrapping';
import type { StoredContentKey } from '../catalog/content.js';
import { KeyUnavailableError } from './license-tokens.errors.js';

/** `wrapped` sends KEK and wrapped key; `clear` unwraps the key in memory and sends it alone. */
export type ContentKeyDelivery = 'wrapped' | 'clear';

/**
 * @param keks the service's KEKs by their id
 * @throws KeyUnavailableError when the KEK is not configured or does not unwrap the key
 */
export function contentKeySource(
  key: StoredContentKey,
  keks: ReadonlyMap<string, Uint8Array>,
  delivery: ContentKeyDelivery,
): ContentKeySource {
  const kek = keks.get(key.kekId);
  if (kek === undefined) throw new KeyUnavailableError(`KEK ${key.kekId} is not among CONTENT_KEY_KEKS`);
  if (key.source === 'key-storage') return { kind: 'key-storage', kek };
  if (delivery === 'wrapped') return { kind: 'wrapped', kek, ek: key.ek };
  try {
    return { kind: 'clear', contentKey: unwrapKey(kek, key.ek) };
  } catch {
    throw new KeyUnavailableError(`KEK ${key.kekId} does not unwrap the content key`);
  }
}
