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
    // Of the KEKs that are borrowed: those in force by now may be replaced and cleared while ExpressPlay is asked.
    const newest = () => this.#atFirst.first();
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
 * A request has one KEK, or clear keys alone: wrapped keys of several KEKs, as there are while a rotation is under way, are wrapped in
 * memory under that of the title's keys in key storage, which no rotation changes, or else under the newest.
 * @param kekOf a KEK by its id
 * @param newest the KEK that wraps new keys
 * @returns in the order of the keys; clear ones are the caller's to zero
 * @throws KeyUnavailableError when a KEK is not configured or does not unwrap its key, or they cannot be sent together
 */
export function contentKeySources(
  keys: readonly StoredContentKey[],
  kekOf: (id: string) => Uint8Array | undefined,
  newest: () => { id: string; kek: Uint8Array },
  delivery: ContentKeyDelivery,
): ContentKeySource[] {
  const stored = keys.find(({ source }) => source === 'key-storage');
  const isSent = ({ source, kekId }: StoredContentKey) =>
    source === 'wrapped' ? delivery === 'wrapped' : kekId === stored?.kekId;
  if (stored !== undefined && !keys.every(isSent)) {
    throw new KeyUnavailableError(
      'the keys of a title that are in key storage need one KEK, and no clear key beside them',
    );
  }
  const isMixed = delivery === 'wrapped' && keys.some(({ kekId }) => kekId !== keys[0]?.kekId);
  const shared = isMixed ? (stored === undefined ? newest().kek : kekNamed(stored.kekId, kekOf)) : undefined;
  const sources: ContentKeySource[] = [];
  try {
    for (const key of keys) {
      const isWrappedAgain = shared !== undefined && key.source === 'wrapped';
      sources.push(isWrappedAgain ? wrappedAgain(key, kekOf, shared) : contentKeySource(key, kekOf, delivery));
    }
    return sources;
  } catch (error) {
    for (const source of sources) if (source.kind === 'clear') source.contentKey.fill(0);
    throw error;
  }
}

function wrappedAgain(
  key: StoredContentKey & { source: 'wrapped' },
  kekOf: (id: string) => Uint8Array | undefined,
  kek: Uint8Array,
): ContentKeySource {
  const contentKey = unwrapped(key, kekNamed(key.kekId, kekOf));
  try {
    return { kind: 'wrapped', kek, ek: wrapKey(kek, contentKey) };
  } finally {
    contentKey.fill(0);
  }
}

/** Of one key. */
function contentKeySource(
  key: StoredContentKey,
  kekOf: (id: string) => Uint8Array | undefined,
  delivery: ContentKeyDelivery,
): ContentKeySource {
  const kek = kekNamed(key.kekId, kekOf);
  if (key.source === 'key-storage') return { kind: 'key-storage', kek };
  return delivery === 'wrapped'
    ? { kind: 'wrapped', kek, ek: key.ek }
    : { kind: 'clear', contentKey: unwrapped(key, kek) };
}

function kekNamed(id: string, kekOf: (id: string) => Uint8Array | undefined): Uint8Array {
  const kek = kekOf(id);
  if (kek === undefined) throw new KeyUnavailableError(`KEK ${id} is not among CONTENT_KEY_KEKS`);
  return kek;
}

function unwrapped({ kekId, ek }: StoredContentKey & { source: 'wrapped' }, kek: Uint8Array): Uint8Array {
  try {
    return unwrapKey(kek, ek);
  } catch {
    throw new KeyUnavailableError(`KEK ${kekId} does not unwrap the content key`);
  }
}
