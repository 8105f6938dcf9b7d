// Keeps contents and their keys, with a version for both together.
import { Injectable } from '@nestjs/common';
import { Prisma, PrismaService } from '@app/platform/database';
import { kidIsTaken, outputPolicyIsMissing } from './catalog.errors.js';
import type { ContentEntry, ContentValues, StoredContentKey } from './content.js';

@Injectable()
export class ContentsRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** @throws DatabaseUnavailableError */
  async find(id: string): Promise<ContentEntry | undefined> {
    const [row] = await this.#select(Prisma.sql`WHERE c.id = ${id}`);
    return row;
  }

  /**
   * The first ones after an id, in the order of ids.
   * @throws DatabaseUnavailableError
   */
  list(limit: number, after = ''): Promise<ContentEntry[]> {
    return this.#select(Prisma.sql`WHERE c.id > ${after} ORDER BY c.id LIMIT ${limit}`);
  }

  /**
   * @returns false when there is a content of this id
   * @throws DomainError `invalid-request` when the KID is another content's or the policy is missing; DatabaseUnavailableError
   */
  insert(id: string, values: ContentValues, at: Date): Promise<boolean> {
    return this.#write(id, values, async () => {
      await this.prisma.client.content.create({ data: { id, ...columnsOf(values), createdAt: at, updatedAt: at } });
      return true;
    });
  }

  /**
   * @returns false when the content no longer has this version
   * @throws as `insert`
   */
  replace(id: string, version: number, values: ContentValues, at: Date): Promise<boolean> {
    return this.#write(id, values, async () => {
      const { count } = await this.prisma.client.content.updateMany({
        where: { id, version },
        data: { ...columnsOf(values), version: version + 1, updatedAt: at },
      });
      return count === 1;
    });
  }

  /**
   * The key's row is locked before its content's, as a rotation of KEKs does: in opposite orders the two could wait for each
   * other.
   * @returns false when the content no longer has this version
   * @throws DatabaseUnavailableError
   */
  async replaceKey(id: string, version: number, key: StoredContentKey, at: Date): Promise<boolean> {
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

  /** One statement, so that a version and the key it goes with are of one moment. */
  async #select(which: Prisma.Sql): Promise<ContentEntry[]> {
    const rows = await this.prisma.client.$queryRaw<Row[]>`
      SELECT c.id, c.version, c.title, c.kid, c.iv, c.output_policy_name AS "outputPolicy",
             c.available_from AS "availableFrom", c.withdrawn_at AS "withdrawnAt", k.kek_id AS "kekId", k.ek
      FROM content c LEFT JOIN content_key k ON k.content_id = c.id ${which}`;
    return rows.map(({ id, version, kekId, ek, ...values }) => ({ id, version, values, key: keyOf(kekId, ek) }));
  }

  async #write(id: string, { kid }: ContentValues, statement: () => Promise<boolean>): Promise<boolean> {
    try {
      return await statement();
    } catch (error) {
      const code = error instanceof Prisma.PrismaClientKnownRequestError ? error.code : undefined;
      if (code === FOREIGN_KEY_VIOLATION) throw outputPolicyIsMissing();
      if (code !== UNIQUE_VIOLATION) throw error;
      const holder = await this.prisma.client.content.findUnique({ where: { kid }, select: { id: true } });
      if (holder !== null && holder.id !== id) throw kidIsTaken();
      return false;
    }
  }
}

// Prisma's codes.
const UNIQUE_VIOLATION = 'P2002';
const FOREIGN_KEY_VIOLATION = 'P2003';

type Row = ContentValues & { id: string; version: number; kekId: string | null; ek: Uint8Array | null };

function columnsOf({ outputPolicy, ...columns }: ContentValues) {
  return { ...columns, outputPolicyName: outputPolicy };
}

function keyOf(kekId: string | null, ek: Uint8Array | null): StoredContentKey | null {
  if (kekId === null) return null;
  return ek === null ? { source: 'key-storage', kekId } : { source: 'wrapped', kekId, ek };
}
