// Takes the keys of contents: one that a store hands in is wrapped at once, and a clear one is never kept.
import { Injectable } from '@nestjs/common';
import { unwrapKey, wrapKey } from '@app/expressplay';
import { invalidFields } from '@app/platform/problems';
import { Environment } from '../environment.js';
import {
  clearOrders,
  type ContentEntry,
  type ContentKeyOrder,
  type ProtectionScheme,
  type StoredContentKey,
  type TrackKeyOrder,
} from './content.js';
import { ContentKeysRepository } from './content-keys.repository.js';
import type { VersionCheck } from './versions.js';

@Injectable()
export class ContentKeysService {
  constructor(
    private readonly keys: ContentKeysRepository,
    private readonly environment: Environment,
  ) {}

  /**
   * Gives a content its key. The content's version counts it as a change, unless it has this key already.
   * @param order its clear key is zeroed before this returns or throws
   * @throws DomainError `precondition-failed`, or `invalid-request` when the KEK is not configured or does not unwrap the key;
   *   UnknownContentError, DatabaseUnavailableError
   */
  async put(
    contentId: string,
    order: ContentKeyOrder,
    check: VersionCheck,
  ): Promise<{ key: StoredContentKey; version: number }> {
    const key = this.#storedKey(order);
    return { key, version: await this.keys.putOnly(contentId, key, check) };
  }

  /**
   * Gives a content all its keys, or, when one is wrong, none.
   * @param orders their clear keys are zeroed before this returns or throws
   * @param protectionScheme without it that of the content stays
   * @throws as `put`, and as `putAll` of the repository
   */
  async putAll(
    contentId: string,
    orders: readonly TrackKeyOrder[],
    protectionScheme: ProtectionScheme | undefined,
    check: VersionCheck,
  ): Promise<ContentEntry> {
    try {
      const keys = orders.map(({ order, ...one }, index) => {
        return { ...one, key: order === null ? null : this.#storedKey(order, `keys.${index}.`) };
      });
      return await this.keys.putAll(contentId, keys, protectionScheme, check);
    } finally {
      clearOrders(orders);
    }
  }

  /** @param path of the fields that an error names */
  #storedKey(order: ContentKeyOrder, path = ''): StoredContentKey {
    switch (order.kind) {
      case 'clear':
        try {
          const { id: kekId, kek } = this.environment.CONTENT_KEY_KEKS.current.first();
          return { source: 'wrapped', kekId, ek: wrapKey(kek, order.contentKey) };
        } finally {
          order.contentKey.fill(0);
        }
      case 'wrapped':
        checkUnwraps(this.#kek(order.kekId, `${path}kekId`), order.ek, `${path}ek`);
        return { source: 'wrapped', kekId: order.kekId, ek: order.ek };
      case 'key-storage':
        this.#kek(order.kekId, `${path}keyStorage.kekId`);
        return { source: 'key-storage', kekId: order.kekId };
    }
  }

  #kek(id: string, field: string): Uint8Array {
    const { CONTENT_KEY_KEKS: keks } = this.environment;
    // A store that knows a new KEK may be faster than the next look at the file.
    const kek = keks.current.get(id) ?? keks.refresh().get(id);
    if (kek === undefined) throw invalidFields([{ field, message: 'must be the id of a configured KEK' }]);
    return kek;
  }
}

function checkUnwraps(kek: Uint8Array, ek: Uint8Array, field: string): void {
  try {
    unwrapKey(kek, ek).fill(0);
  } catch {
    throw invalidFields([{ field, message: 'is not a content key wrapped (RFC 3394) under this KEK' }]);
  }
}
