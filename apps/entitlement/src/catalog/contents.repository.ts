// Keeps contents and their keys, with a version for both together: a store says what is to be there, as often as it likes.
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { Prisma, PrismaService } from '@app/platform/database';
import { invalidFields } from '@app/platform/problems';
import {
  type ContentEntry,
  type ContentValues,
  storedKey,
  type StoredContentKey,
  UnknownContentError,
} from './content.js';
import { writeOptimistically, type VersionCheck } from './versions.js';

@Injectable()
export class ContentsRepository {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  /** @throws UnknownContentError, DatabaseUnavailableError */
  async get(id: string): Promise<ContentEntry> {
    const entry = await this.#find(id);
    if (entry === undefined) throw new UnknownContentError();
    return entry;
  }

  /**
   * The first ones after an id, in the order of ids.
   * @throws DatabaseUnavailableError
   */
  list(limit: number, after = ''): Promise<ContentEntry[]> {
    return this.#select(Prisma.sql`WHERE c.id > ${after} ORDER BY c.id LIMIT ${limit}`);
  }

  /**
   * Makes a content, or changes it. Its key stays as it is.
   * @throws DomainError `precondition-failed`, or `invalid-request` when the KID is another content's or the policy is missing;
   *   DatabaseUnavailableError
   */
  async put(
    id: string,
    values: ContentValues,
    check: VersionCheck,
  ): Promise<{ entry: ContentEntry; created: boolean }> {
    const at = this.clock.now();
    const { before, version } = await writeOptimistically<ContentEntry>(check, {
      find: () => this.#find(id),
      isWanted: (present) => isDeepStrictEqual(present.values, values),
      write: (present) => this.#write(id, present?.version, values, at),
    });
    return { entry: { id, version, values, key: before?.key ?? null }, created: before === undefined };
  }

  /**
   * Gives a content its key. The content's version, which is returned, counts it as a change, unless it has this key already.
   * @throws UnknownContentError, DomainError `precondition-failed`, DatabaseUnavailableError
   */
  async putKey(id: string, key: StoredContentKey, check: VersionCheck): Promise<number> {
    const at = this.clock.now();
    const { version } = await writeOptimistically<ContentEntry>(check, {
      find: () => this.get(id),
      isWanted: (present) => present.key !== null && isSameKey(present.key, key),
      write: async (present) => present !== undefined && (await this.#writeKey(id, present.version, key, at)),
    });
    return version;
  }

  async #find(id: string): Promise<ContentEntry | undefined> {
    const [entry] = await this.#select(Prisma.sql`WHERE c.id = ${id}`);
    return entry;
  }

  /** One statement, so that a version and the key it goes with are of one moment. */
  async #select(which: Prisma.Sql): Promise<ContentEntry[]> {
    const rows = await this.prisma.client.$queryRaw<Row[]>`
      SELECT c.id, c.version, c.title, c.kid, c.iv, c.output_policy_name AS "outputPolicy",
             c.available_from AS "availableFrom", c.withdrawn_at AS "withdrawnAt", k.kek_id AS "kekId", k.ek
      FROM content c LEFT JOIN content_key k ON k.content_id = c.id ${which}`;
    return rows.map(({ id, version, kekId, ek, ...values }) => ({ id, version, values, key: storedKey(kekId, ek) }));
  }

  /** Whether it was written: the content has the version still, or is still not there. */
  async #write(id: string, version: number | undefined, values: ContentValues, at: Date): Promise<boolean> {
    const { outputPolicy: outputPolicyName, ...others } = values;
    const columns = { ...others, outputPolicyName, updatedAt: at };
    const { content } = this.prisma.client;
    try {
      if (version === undefined) {
        await content.create({ data: { id, ...columns, createdAt: at } });
        return true;
      }
      const { count } = await content.updateMany({
        where: { id, version },
        data: { ...columns, version: version + 1 },
      });
      return count === 1;
    } catch (error) {
      const code = error instanceof Prisma.PrismaClientKnownRequestError ? error.code : undefined;
      if (code === FOREIGN_KEY_VIOLATION)
        throw invalidFields([{ field: 'outputPolicy', message: 'there is no output policy of this name' }]);
      if (code !== UNIQUE_VIOLATION) throw error;
      const holder = await content.findUnique({ where: { kid: values.kid }, select: { id: true } });
      if (holder !== null && holder.id !== id)
        throw invalidFields([{ field: 'kid', message: 'is the key id of another content' }]);
      return false;
    }
  }

  /**
   * The key's row is locked before its content's, as a rotation of KEKs does: in opposite orders the two could wait for each
   * other.
   * @returns false when the content no longer has this version
   */
  async #writeKey(id: string, version: number, key: StoredContentKey, at: Date): Promise<boolean> {
    const ek = key.source === 'wrapped' ? key.ek : null;
    const count = await this.prisma.client.$executeRaw`
      WITH held AS MATERIALIZED (SELECT content_id FROM content_key WHERE content_id = ${id} FOR NO KEY UPDATE),
      changed AS (
        UPDATE content SET version = version + 1, updated_at = ${at}
        WHERE id = ${id} AND version = ${version} AND (SELECT count(*) FROM held) >= 0 RETURNING id
      )
      INSERT INTO content_key AS k (content_id, source, kek_id, ek, created_at, updated_at)
      SELECT id, ${key.source}::key_source, ${key.kekId}, ${ek}::bytea, ${at}, ${at} FROM changed
      ON CONFLICT (content_id) DO UPDATE
      SET source = excluded.source, kek_id = excluded.kek_id, ek = excluded.ek, updated_at = excluded.updated_at`;
    return count === 1;
  }
}

// Prisma's codes.
const UNIQUE_VIOLATION = 'P2002';
const FOREIGN_KEY_VIOLATION = 'P2003';

type Row = ContentValues & { id: string; version: number; kekId: string | null; ek: Uint8Array | null };

function isSameKey(one: StoredContentKey, other: StoredContentKey): boolean {
  if (one.kekId !== other.kekId || one.source !== other.source) return false;
  return one.source === 'key-storage' || (other.source === 'wrapped' && Buffer.compare(one.ek, other.ek) === 0);
}
