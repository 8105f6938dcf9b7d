// Keeps contents and their keys, with a version for both together: a store says what is to be there, as often as it likes.
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { Prisma, PrismaService } from '@app/platform/database';
import { invalidFields } from '@app/platform/problems';
import {
  type ContentEntry,
  type ContentOrder,
  type ContentValues,
  type FirstKey,
  storedKey,
  type TrackKeyValues,
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
   * Makes a content, or changes it. What it is not told of stays as it is: its other keys, and the key itself of the first.
   * @param order without a protection scheme that of the content stays, and a new one has `cenc`
   * @param first KID and IV of its first key; without one its keys stay as they are
   * @throws DomainError `precondition-failed`, or `invalid-request` when the KID is another key's, the policy is missing, or the content
   *   has several keys and the first has another KID; DatabaseUnavailableError
   */
  async put(
    id: string,
    order: ContentOrder,
    first: FirstKey | undefined,
    check: VersionCheck,
  ): Promise<{ entry: ContentEntry; created: boolean }> {
    const at = this.clock.now();
    const wanted = (present: ContentEntry | undefined): ContentValues => ({
      ...order,
      protectionScheme: order.protectionScheme ?? present?.values.protectionScheme ?? 'cenc',
    });
    const wantedKeys = ({ keys }: Pick<ContentEntry, 'keys'>) => (first === undefined ? keys : withFirst(keys, first));
    const { before, version } = await writeOptimistically<ContentEntry>(check, {
      find: () => this.#find(id),
      isWanted: (present) =>
        isDeepStrictEqual(present.values, wanted(present)) && isDeepStrictEqual(present.keys, wantedKeys(present)),
      write: (present) => this.#write(id, present?.version, wanted(present), first, at),
    });
    const entry = { id, version, values: wanted(before), keys: wantedKeys(before ?? { keys: [] }) };
    return { entry, created: before === undefined };
  }

  async #find(id: string): Promise<ContentEntry | undefined> {
    const [entry] = await this.#select(Prisma.sql`WHERE c.id = ${id}`);
    return entry;
  }

  /** One statement, so that a version and the keys it goes with are of one moment. */
  async #select(which: Prisma.Sql): Promise<ContentEntry[]> {
    const rows = await this.prisma.client.$queryRaw<Row[]>`
      SELECT c.id, c.version, c.title, c.output_policy_name AS "outputPolicy", c.protection_scheme AS "protectionScheme",
             c.available_from AS "availableFrom", c.withdrawn_at AS "withdrawnAt", coalesce((
               SELECT jsonb_agg(jsonb_build_object('kid', kid, 'tracks', tracks, 'iv', iv, 'kekId', kek_id,
                 'ek', encode(ek, 'base64'), 'outputPolicy', output_policy_name) ORDER BY position)
               FROM content_key WHERE content_id = c.id), '[]') AS keys
      FROM content c ${which}`;
    return rows.map(({ id, version, keys, ...values }) => ({ id, version, values, keys: keys.map(keyOf) }));
  }

  /** Whether it was written: the content has the version still, or is still not there. */
  async #write(
    id: string,
    version: number | undefined,
    values: ContentValues,
    first: FirstKey | undefined,
    at: Date,
  ): Promise<boolean> {
    const { title, outputPolicy, protectionScheme, availableFrom, withdrawnAt } = values;
    const content =
      version === undefined
        ? Prisma.sql`INSERT INTO content (id, title, output_policy_name, protection_scheme, available_from, withdrawn_at, created_at, updated_at)
            VALUES (${id}, ${title}, ${outputPolicy}, ${protectionScheme}::protection_scheme, ${availableFrom}, ${withdrawnAt}, ${at}, ${at})
            ON CONFLICT (id) DO NOTHING RETURNING id`
        : Prisma.sql`UPDATE content SET title = ${title}, output_policy_name = ${outputPolicy},
            protection_scheme = ${protectionScheme}::protection_scheme, available_from = ${availableFrom},
            withdrawn_at = ${withdrawnAt}, updated_at = ${at}, version = version + 1
            WHERE id = ${id} AND version = ${version} AND (SELECT count(*) FROM held) >= 0 RETURNING id`;
    const key =
      first === undefined
        ? Prisma.sql`SELECT id FROM changed`
        : Prisma.sql`INSERT INTO content_key AS k (content_id, kid, iv, created_at, updated_at)
            SELECT id, ${first.kid}, ${first.iv}, ${at}, ${at} FROM changed
            ON CONFLICT (content_id, position) DO UPDATE SET kid = excluded.kid, iv = excluded.iv, updated_at = excluded.updated_at
            RETURNING content_id`;
    const named = {
      kids: first === undefined ? [] : [{ kid: first.kid, field: 'kid' }],
      policies: [{ name: outputPolicy, field: 'outputPolicy' }],
    };
    return writeNaming(this.prisma, id, named, async () => {
      const statement = Prisma.sql`WITH ${heldKeys(id)}, changed AS (${content}) ${key}`;
      return (await this.prisma.client.$queryRaw<unknown[]>(statement)).length === 1;
    });
  }
}

/** What is written, with the fields that said it. */
export interface NamedFields {
  kids: readonly { kid: string; field: string }[];
  policies: readonly { name: string; field: string }[];
}

/**
 * Writes keys or values of a content, and says in the store's words what the database refused.
 * @returns what `write` returns; false when somebody else was faster
 * @throws DomainError `invalid-request` that names the fields whose KIDs are taken or whose policies are missing
 */
export async function writeNaming(
  { client }: PrismaService,
  contentId: string,
  { kids, policies }: NamedFields,
  write: () => Promise<boolean>,
): Promise<boolean> {
  try {
    return await write();
  } catch (error) {
    const kind = violationOf(error);
    if (kind === 'ForeignKeyConstraintViolation') {
      const where = { name: { in: policies.map(({ name }) => name) } };
      const known = new Set(
        (await client.outputPolicy.findMany({ where, select: { name: true } })).map(({ name }) => name),
      );
      const missing = policies.filter(({ name }) => !known.has(name));
      if (missing.length > 0) throw invalidFields(missing.map(({ field }) => ({ field, message: NO_SUCH_POLICY })));
    } else if (kind === 'UniqueConstraintViolation') {
      const where = { kid: { in: kids.map(({ kid }) => kid) }, contentId: { not: contentId } };
      const held = new Set((await client.contentKey.findMany({ where, select: { kid: true } })).map(({ kid }) => kid));
      const taken = kids.filter(({ kid }) => held.has(kid));
      if (taken.length > 0) throw invalidFields(taken.map(({ field }) => ({ field, message: TAKEN_KID })));
    } else {
      throw error;
    }
    return false;
  }
}

const NO_SUCH_POLICY = 'there is no output policy of this name';
const TAKEN_KID = 'is the key id of another content';

/** The keys with the first as it is to be. @throws DomainError `invalid-request` when there are several and it is another one */
function withFirst(keys: readonly TrackKeyValues[], first: FirstKey): TrackKeyValues[] {
  const [old, ...others] = keys;
  if (others.length > 0 && old?.kid !== first.kid) {
    const message = "is not that of the title's first key: say its keys with PUT /v1/admin/contents/{contentId}/keys";
    throw invalidFields([{ field: 'kid', message }]);
  }
  return [{ tracks: [], key: null, outputPolicy: null, ...old, ...first }, ...others];
}

/**
 * Locks the keys of a content, before the content itself, as a rotation of KEKs does: in opposite orders the two could wait for each
 * other.
 */
export function heldKeys(id: string): Prisma.Sql {
  return Prisma.sql`held AS MATERIALIZED (SELECT kid FROM content_key WHERE content_id = ${id} ORDER BY kid FOR NO KEY UPDATE)`;
}

/** What kind of rule of the database was broken, by an operation of Prisma or by a statement. */
function violationOf(error: unknown): string | undefined {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined;
  if (error.code === 'P2002') return 'UniqueConstraintViolation';
  if (error.code === 'P2003') return 'ForeignKeyConstraintViolation';
  const { driverAdapterError } = (error.meta ?? {}) as { driverAdapterError?: { cause?: { kind?: string } } };
  return driverAdapterError?.cause?.kind;
}

type KeyRow = Omit<TrackKeyValues, 'key'> & { kekId: string | null; ek: string | null };

type Row = ContentValues & { id: string; version: number; keys: KeyRow[] };

function keyOf({ kekId, ek, ...others }: KeyRow): TrackKeyValues {
  return { ...others, key: storedKey(kekId, ek === null ? null : new Uint8Array(Buffer.from(ek, 'base64'))) };
}
