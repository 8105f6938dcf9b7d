// The contents of the catalogue and their keys: a store says what is to be there, as often as it likes. A key that it hands in is
// wrapped at once, and a clear one is never kept.
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { unwrapKey, wrapKey } from '@app/expressplay';
import { invalidFields } from '@app/platform/problems';
import { Environment } from '../environment.js';
import { UnknownContentError } from './catalog.errors.js';
import type { ContentEntry, ContentKeyOrder, ContentValues, StoredContentKey } from './content.js';
import { ContentsRepository } from './contents.repository.js';
import { writeOptimistically, type VersionCheck } from './versions.js';

@Injectable()
export class ContentsService {
  constructor(
    private readonly contents: ContentsRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws UnknownContentError, DatabaseUnavailableError */
  async get(id: string): Promise<ContentEntry> {
    const entry = await this.contents.find(id);
    if (entry === undefined) throw new UnknownContentError();
    return entry;
  }

  /** @throws DatabaseUnavailableError */
  list(limit: number, after?: string): Promise<ContentEntry[]> {
    return this.contents.list(limit, after);
  }

  /**
   * Makes a content, or changes it. Its key stays as it is.
   * @throws PreconditionFailedError; DomainError `invalid-request` when the KID is another content's or the policy is missing;
   *   DatabaseUnavailableError
   */
  async put(
    id: string,
    values: ContentValues,
    check: VersionCheck,
  ): Promise<{ entry: ContentEntry; created: boolean }> {
    const at = this.clock.now();
    const { before, version } = await writeOptimistically<ContentEntry>(
      {
        find: () => this.contents.find(id),
        isWanted: (present) => isDeepStrictEqual(present.values, values),
        write: (present) =>
          present === undefined
            ? this.contents.insert(id, values, at)
            : this.contents.replace(id, present.version, values, at),
      },
      check,
    );
    return { entry: { id, version, values, key: before?.key ?? null }, created: before === undefined };
  }
}

@Injectable()
export class ContentKeysService {
  constructor(
    private readonly contents: ContentsRepository,
    private readonly clock: Clock,
    private readonly environment: Environment,
  ) {}

  /**
   * Gives a content its key. The content's version counts it as a change, unless it has this key already.
   * @param order its clear key is zeroed before this returns or throws
   * @throws DomainError `invalid-request` when the KEK is not configured or does not unwrap the key; UnknownContentError,
   *   PreconditionFailedError, DatabaseUnavailableError
   */
  async put(
    contentId: string,
    order: ContentKeyOrder,
    check: VersionCheck,
  ): Promise<{ key: StoredContentKey; version: number }> {
    const key = this.#storedKey(order);
    const at = this.clock.now();
    const { version } = await writeOptimistically<ContentEntry>(
      {
        find: async () => {
          const entry = await this.contents.find(contentId);
          if (entry === undefined) throw new UnknownContentError();
          return entry;
        },
        isWanted: (present) => present.key !== null && isSameKey(present.key, key),
        write: async (present) =>
          present !== undefined && (await this.contents.replaceKey(contentId, present.version, key, at)),
      },
      check,
    );
    return { key, version };
  }

  #storedKey(order: ContentKeyOrder): StoredContentKey {
    switch (order.kind) {
      case 'clear':
        return this.#wrapped(order.contentKey);
      case 'wrapped':
        checkUnwraps(this.#kek(order.kekId, 'kekId'), order.ek);
        return { source: 'wrapped', kekId: order.kekId, ek: order.ek };
      case 'key-storage':
        this.#kek(order.kekId, 'keyStorage.kekId');
        return { source: 'key-storage', kekId: order.kekId };
    }
  }

  #wrapped(contentKey: Uint8Array): StoredContentKey {
    try {
      const { id: kekId, kek } = this.environment.CONTENT_KEY_KEKS.current.first();
      return { source: 'wrapped', kekId, ek: wrapKey(kek, contentKey) };
    } finally {
      contentKey.fill(0);
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

function checkUnwraps(kek: Uint8Array, ek: Uint8Array): void {
  try {
    unwrapKey(kek, ek).fill(0);
  } catch {
    throw invalidFields([{ field: 'ek', message: 'is not a content key wrapped (RFC 3394) under this KEK' }]);
  }
}

function isSameKey(one: StoredContentKey, other: StoredContentKey): boolean {
  if (one.kekId !== other.kekId || one.source !== other.source) return false;
  return one.source === 'key-storage' || (other.source === 'wrapped' && Buffer.compare(one.ek, other.ek) === 0);
}
