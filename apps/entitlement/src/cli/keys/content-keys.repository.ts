// The rows of content keys, as commands that look after them read and replace them.
import { Prisma, type PrismaService } from '@app/platform/database';

export interface WrappedKeyRow {
  readonly contentId: string;
  readonly kid: string;
  /** The place among the title's keys. */
  readonly position: number;
  readonly kekId: string;
  /** The wrapped key, 24 bytes. */
  readonly ek: Uint8Array;
}

/** A key as the catalogue has it: wrapped, in ExpressPlay's key storage (`ek` is null), or not known yet (both are). */
export type CatalogueKey = Omit<WrappedKeyRow, 'kekId' | 'ek'> & {
  readonly kekId: string | null;
  readonly ek: Uint8Array | null;
};

/** How many keys there are of a kind, under one KEK. */
export interface KeyCount {
  readonly source: 'wrapped' | 'key-storage';
  readonly kekId: string;
  readonly count: number;
}

const COLUMNS = Prisma.sql`content_id AS "contentId", kid, position, kek_id AS "kekId", ek`;

export class ContentKeysRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** All keys by what they are and the KEK they need. */
  count(): Promise<KeyCount[]> {
    return this.prisma.client.$queryRaw<KeyCount[]>`
      SELECT source::text AS source, kek_id AS "kekId", count(*)::int AS count
      FROM public.content_key WHERE kek_id IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`;
  }

  /** How many titles have no key, and so cannot be played, and the first of them. */
  async contentsWithoutKey(most: number): Promise<{ count: number; first: string[] }> {
    const [row] = await this.prisma.client.$queryRaw<{ count: number; first: string[] }[]>`
      SELECT count(*)::int AS count, coalesce((array_agg(c.id ORDER BY c.id))[1:${most}::int], '{}') AS first
      FROM public.content c WHERE NOT EXISTS (SELECT FROM public.content_key k WHERE k.content_id = c.id AND k.kek_id IS NOT NULL)`;
    return row ?? { count: 0, first: [] };
  }

  sampleOfEachKek(): Promise<WrappedKeyRow[]> {
    return this.prisma.client.$queryRaw<WrappedKeyRow[]>`
      SELECT DISTINCT ON (kek_id) ${COLUMNS} FROM public.content_key
      WHERE ek IS NOT NULL ORDER BY kek_id, content_id, position`;
  }

  /** The wrapped ones, of every KEK but one, batch by batch in the order of contents. */
  async *wrapped(batchSize: number, notUnder = ''): AsyncGenerator<WrappedKeyRow[]> {
    let last: Pick<WrappedKeyRow, 'contentId' | 'position'> | undefined = { contentId: '', position: 0 };
    while (last !== undefined) {
      const batch: WrappedKeyRow[] = await this.prisma.client.$queryRaw`
        SELECT ${COLUMNS} FROM public.content_key
        WHERE ek IS NOT NULL AND kek_id <> ${notUnder} AND (content_id, position) > (${last.contentId}, ${last.position}::smallint)
        ORDER BY content_id, position LIMIT ${batchSize}`;
      if (batch.length > 0) yield batch;
      last = batch.at(-1);
    }
  }

  /** All keys of the catalogue, or of some titles, batch by batch in the order of titles. */
  async *all(contentIds: readonly string[], batchSize = 500): AsyncGenerator<CatalogueKey[]> {
    const wanted =
      contentIds.length === 0 ? Prisma.sql`true` : Prisma.sql`content_id = ANY(${[...contentIds]}::text[])`;
    let last: Pick<CatalogueKey, 'contentId' | 'position'> | undefined = { contentId: '', position: 0 };
    while (last !== undefined) {
      const batch: CatalogueKey[] = await this.prisma.client.$queryRaw`
        SELECT ${COLUMNS} FROM public.content_key
        WHERE ${wanted} AND (content_id, position) > (${last.contentId}, ${last.position}::smallint)
        ORDER BY content_id, position LIMIT ${batchSize}`;
      if (batch.length > 0) yield batch;
      last = batch.at(-1);
    }
  }

  /** Those of some titles that the catalogue does not have. */
  async unknownContents(contentIds: readonly string[]): Promise<string[]> {
    const rows = await this.prisma.client.$queryRaw<{ id: string }[]>`
      SELECT id FROM unnest(${[...contentIds]}::text[]) AS id WHERE id NOT IN (SELECT c.id FROM public.content c)`;
    return rows.map(({ id }) => id);
  }

  /**
   * Puts one wrapped key in the place of another, or of none, in one statement, so that KEK and key are always each other's; the
   * content's version counts it.
   * @returns false when the row is not as it was read: somebody else has changed it
   */
  async replace(row: Omit<CatalogueKey, 'position'>, kekId: string, ek: Uint8Array): Promise<boolean> {
    const changed = await this.prisma.client.$executeRaw`
      WITH changed AS (
        UPDATE public.content_key SET source = 'wrapped', kek_id = ${kekId}, ek = ${ek}, updated_at = now()
        WHERE kid = ${row.kid} AND content_id = ${row.contentId}
          AND kek_id IS NOT DISTINCT FROM ${row.kekId} AND ek IS NOT DISTINCT FROM ${row.ek}
        RETURNING content_id
      )
      UPDATE public.content SET version = version + 1, updated_at = now()
      FROM changed WHERE content.id = changed.content_id`;
    return changed === 1;
  }
}
