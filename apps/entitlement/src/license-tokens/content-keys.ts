// How a title's content key is handed to ExpressPlay: wrapped, from its key storage, or, for accounts that need it, in the clear.
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { ContentKeySource } from '@app/expressplay';
import { unwrapKey, wrapKey } from '@app/expressplay';
import type { StoredContentKey } from '../catalog/content.js';
import { Environment } from '../environment.js';
import type { KekRing } from '../keks.js';
import { KeyUnavailableError } from './license-tokens.errors.js';

/** `wrapped` sends KEK and wrapped key; `clear` unwraps the key in memory and sends it alone. */
export type ContentKeyDelivery = 'wrapped' | 'clear';

@Injectable()
export class ContentKeys implements OnApplicationBootstrap {
  constructor(private readonly environment: Environment) {}

  onApplicationBootstrap(): void {
    if (this.environment.CONTENT_KEY_DELIVERY !== 'clear') return;
    new Logger(ContentKeys.name).warn(
      'CONTENT_KEY_DELIVERY is clear: content keys are unwrapped here and sent to ExpressPlay as they are',
    );
  }

  /**
   * Borrows the keys for one request, before it is read from the database which of them it needs. Give them back in a
   * `finally`: until then the KEKs in force now are kept, and newer ones are found as well, so that a key is readable
   * whichever side of a rotation it was read on.
   */
  borrow(): BorrowedKeys {
    return new BorrowedKeys(this.environment);
  }
}

/** Keys for the length of a request. Nothing of them may be used after they were given back. */
export class BorrowedKeys {
  readonly #settings: Pick<Environment, 'CONTENT_KEY_KEKS' | 'CONTENT_KEY_DELIVERY'>;
  readonly #atFirst: KekRing;
  readonly #returns: (() => void)[];
  readonly #unwrapped: Uint8Array[] = [];

  constructor(settings: Pick<Environment, 'CONTENT_KEY_KEKS' | 'CONTENT_KEY_DELIVERY'>) {
    this.#settings = settings;
    this.#atFirst = settings.CONTENT_KEY_KEKS.current;
    this.#returns = [this.#atFirst.borrow()];
  }

  /**
   * What is sent of a title's stored content keys, in their order.
   * @throws KeyUnavailableError when a KEK is not configured or does not unwrap its key, or they cannot be sent together
   */
  sourcesOf(keys: readonly StoredContentKey[]): ContentKeySource[] {
    const newest = () => this.#settings.CONTENT_KEY_KEKS.current.first();
    const sources = contentKeySources(keys, (id) => this.#kek(id), newest, this.#settings.CONTENT_KEY_DELIVERY);
    for (const source of sources) if (source.kind === 'clear') this.#unwrapped.push(source.contentKey);
    return sources;
  }

  /** Clears what was unwrapped, and lets KEKs go that are no longer in force. */
  giveBack(): void {
    for (const key of this.#unwrapped) key.fill(0);
    for (const giveBack of this.#returns) giveBack();
  }

  #kek(id: string): Uint8Array | undefined {
    const known = this.#atFirst.get(id);
    if (known !== undefined) return known;
    const newer = this.#settings.CONTENT_KEY_KEKS.refresh();
    this.#returns.push(newer.borrow());
    return newer.get(id);
  }
}

/**
 * A request has one KEK, or clear keys alone: wrapped keys of several KEKs, as there are while a rotation is under way, are wrapped under
 * the newest in memory.
 * @param kekOf a KEK by its id
 * @param newest the KEK that wraps new keys
 * @throws KeyUnavailableError when a KEK is not configured or does not unwrap its key, or they cannot be sent together
 */
export function contentKeySources(
  keys: readonly StoredContentKey[],
  kekOf: (id: string) => Uint8Array | undefined,
  newest: () => { id: string; kek: Uint8Array },
  delivery: ContentKeyDelivery,
): ContentKeySource[] {
  const isStored = keys.some(({ source }) => source === 'key-storage');
  const isMixed = new Set(keys.map(({ kekId }) => kekId)).size > 1;
  if (isStored && (isMixed || (delivery === 'clear' && keys.some(({ source }) => source === 'wrapped')))) {
    throw new KeyUnavailableError('keys in key storage need one KEK for all keys of a title, and none of them clear');
  }
  if (!isMixed || delivery === 'clear') return keys.map((key) => contentKeySource(key, kekOf, delivery));
  const { kek } = newest();
  return keys.map((key) => {
    const source = contentKeySource(key, kekOf, 'clear');
    if (source.kind !== 'clear') return source;
    try {
      return { kind: 'wrapped', kek, ek: wrapKey(kek, source.contentKey) };
    } finally {
      source.contentKey.fill(0);
    }
  });
}

/** Of one key. */
function contentKeySource(
  key: StoredContentKey,
  kekOf: (id: string) => Uint8Array | undefined,
  delivery: ContentKeyDelivery,
): ContentKeySource {
  const kek = kekOf(key.kekId);
  if (kek === undefined) throw new KeyUnavailableError(`KEK ${key.kekId} is not among CONTENT_KEY_KEKS`);
  if (key.source === 'key-storage') return { kind: 'key-storage', kek };
  if (delivery === 'wrapped') return { kind: 'wrapped', kek, ek: key.ek };
  try {
    return { kind: 'clear', contentKey: unwrapKey(kek, key.ek) };
  } catch {
    throw new KeyUnavailableError(`KEK ${key.kekId} does not unwrap the content key`);
  }
}
