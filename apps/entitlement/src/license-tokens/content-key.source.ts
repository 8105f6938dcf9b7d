// How a title's content key is handed to ExpressPlay: wrapped, from its key storage, or, for accounts that need it, in the clear.
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { type ContentKeySource, unwrapKey } from '@app/expressplay';
import type { StoredContentKey } from '../catalog/content.js';
import { Environment } from '../environment.js';
import { KeyUnavailableError } from './license-tokens.errors.js';

/** `wrapped` sends KEK and wrapped key; `clear` unwraps the key in memory and sends it alone. */
export type ContentKeyDelivery = 'wrapped' | 'clear';

/** Makes what is sent of a stored content key. @throws KeyUnavailableError when its KEK is not configured or does not unwrap it */
export type KeyLookup = (key: StoredContentKey) => ContentKeySource;

/** Lends keys for the length of a request, and clears what was unwrapped for it. */
@Injectable()
export class ContentKeySources implements OnApplicationBootstrap {
  constructor(
    private readonly environment: Environment,
    private readonly logger: PinoLogger,
  ) {}

  onApplicationBootstrap(): void {
    if (this.environment.CONTENT_KEY_DELIVERY !== 'clear') return;
    this.logger.warn(
      'CONTENT_KEY_DELIVERY is clear: content keys are unwrapped here and sent to ExpressPlay as they are',
    );
  }

  /**
   * Runs `work` with a way to look up keys. Call it before the keys are read from the database: the KEKs in force now are kept
   * until `work` ends, and newer ones are found as well, so that a key is readable whichever side of a rotation it was read on.
   * Nothing that the lookup gave may be used after `work`.
   */
  async lend<T>(work: (lookup: KeyLookup) => Promise<T>): Promise<T> {
    const { CONTENT_KEY_KEKS: keks, CONTENT_KEY_DELIVERY: delivery } = this.environment;
    const atFirst = keks.current;
    const returns = [atFirst.borrow()];
    const unwrapped: Uint8Array[] = [];
    const kekOf = (id: string): Uint8Array | undefined => {
      const known = atFirst.get(id);
      if (known !== undefined) return known;
      const newer = keks.refresh();
      returns.push(newer.borrow());
      return newer.get(id);
    };
    try {
      return await work((key) => {
        const source = contentKeySource(key, kekOf, delivery);
        if (source.kind === 'clear') unwrapped.push(source.contentKey);
        return source;
      });
    } finally {
      for (const key of unwrapped) key.fill(0);
      for (const giveBack of returns) giveBack();
    }
  }
}

/**
 * @param kekOf a KEK by its id
 * @throws KeyUnavailableError when the KEK is not configured or does not unwrap the key
 */
export function contentKeySource(
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
