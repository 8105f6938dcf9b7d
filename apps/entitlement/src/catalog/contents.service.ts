// The contents of the catalogue: a store says what is to be there, as often as it likes.
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { UnknownContentError } from './catalog.errors.js';
import type { ContentEntry, ContentValues } from './content-entry.js';
import { ContentsRepository } from './contents.repository.js';
import { writeOptimistically, type VersionCheck } from './optimistic-write.js';

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
