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
  type ProtectionScheme,
  storedKey,
  type StoredContentKey,
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

  /**
   * Gives a content's only key its key material. The content's version, which is returned, counts it as a change, unless it has it already.
   * @throws UnknownContentError, DomainError `precondition-failed`, or `invalid-request` when the content has several keys or none;
   *   DatabaseUnavailableError
   */
  async putKey(id: string, key: StoredContentKey, check: VersionCheck): Promise<number> {
    const at = this.clock.now();
    const { version } = await writeOptimistically<ContentEntry>(check, {
      find: () => this.get(id),
      isWanted: ({ keys: [only, ...others] }) => {
        if (only === undefined || others.length > 0)
          throw invalidFields([{ field: 'contentId', message: NOT_ONE_KEY }]);
        return only.key !== null && isSameKey(only.key, key);
      },
      write: async (present) => present !== undefined && (await this.#writeKey(id, present.version, key, at)),
    });
    return version;
  }

  /**
   * Says all keys of a content. The content's version counts it as a change, unless it has these keys already.
   * @param wanted a key without key material keeps what the content has under this KID
   * @param protectionScheme without it that of the content stays
   * @throws UnknownContentError, DomainError `precondition-failed`, or `invalid-request` with the field `keys.0.kid` when the KID is a key
   *   of another content, `keys.0.outputPolicy` when there is none of the name; DatabaseUnavailableError
   */
  async putKeys(
    id: string,
    wanted: readonly TrackKeyValues[],
    protectionScheme: ProtectionScheme | undefined,
    check: VersionCheck,
  ): Promise<ContentEntry> {
    const at = this.clock.now();
    const kept = (present: ContentEntry) =>
      wanted.map((one) => ({ ...one, key: one.key ?? present.keys.find(({ kid }) => kid === one.kid)?.key ?? null }));
    const { before, version } = await writeOptimistically<ContentEntry>(check, {
      find: () => this.get(id),
      isWanted: (present) =>
        (protectionScheme ?? present.values.protectionScheme) === present.values.protectionScheme &&
        isDeepStrictEqual(present.keys, kept(present)),
      write: async (present) =>
        present !== undefined && (await this.#writeKeys(id, present.version, wanted, protectionScheme, at)),
    });
    return version === before?.version ? before : this.get(id);
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
    return this.#writing(
      id,
      first === undefined ? [] : [{ kid: first.kid, field: 'kid' }],
      'outputPolicy',
      async () => {
        const rows = await this.prisma.client.$queryRaw<
          unknown[]
        >`WITH ${heldKeys(id)}, changed AS (${content}) ${key}`;
        return rows.length === 1;
      },
    );
  }

  /**
   * The key's row is locked before its content's, as a rotation of KEKs does: in opposite orders the two could wait for each
   * other.
   * @returns false when the content no longer has this version
   */
  async #writeKey(id: string, version: number, key: StoredContentKey, at: Date): Promise<boolean> {
    const ek = key.source === 'wrapped' ? key.ek : null;
    const count = await this.prisma.client.$executeRaw`
      WITH ${heldKeys(id)}, ${changedVersion(id, version, at)}
      UPDATE content_key SET source = ${key.source}::key_source, kek_id = ${key.kekId}, ek = ${ek}::bytea, updated_at = ${at}
      FROM changed WHERE content_id = changed.id`;
    return count === 1;
  }

  /** @returns false when the content no longer has this version */
  async #writeKeys(
    id: string,
    version: number,
    wanted: readonly TrackKeyValues[],
    protectionScheme: ProtectionScheme | undefined,
    at: Date,
  ): Promise<boolean> {
    const named = wanted.map(({ kid }, index) => ({ kid, field: `keys.${index}.kid` }));
    return this.#writing(id, named, 'keys', () =>
      this.prisma.client.$transaction(async (tx) => {
        const before = await tx.$queryRaw<KeptKey[]>`
          SELECT kid, source::text AS source, kek_id AS "kekId", ek, created_at AS "createdAt" FROM content_key
          WHERE content_id = ${id} ORDER BY kid FOR UPDATE`;
        const { count } = await tx.content.updateMany({
          where: { id, version },
          data: { version: version + 1, updatedAt: at, ...(protectionScheme && { protectionScheme }) },
        });
        if (count === 0) return false;
        await tx.contentKey.deleteMany({ where: { contentId: id } });
        await tx.contentKey.createMany({
          data: wanted.map(({ key, outputPolicy: outputPolicyName, ...one }, position) => {
            const old = before.find(({ kid }) => kid === one.kid);
            const { source, kekId, ek } = key === null ? (old ?? NO_KEY) : { ek: null, ...key };
            const material = {
              source: source === 'wrapped' ? ('wrapped' as const) : ('keyStorage' as const),
              kekId,
              ek: ek && new Uint8Array(ek),
            };
            return {
              ...one,
              contentId: id,
              position,
              outputPolicyName,
              ...material,
              createdAt: old?.createdAt ?? at,
              updatedAt: at,
            };
          }),
        });
        return true;
      }),
    );
  }

  /** Says in the store's words what the database refused. @param kids what is written, with the fields that said it */
  async #writing(
    id: string,
    kids: readonly { kid: string; field: string }[],
    policyField: string,
    write: () => Promise<boolean>,
  ): Promise<boolean> {
    try {
      return await write();
    } catch (error) {
      const kind = violationOf(error);
      if (kind === 'ForeignKeyConstraintViolation')
        throw invalidFields([{ field: policyField, message: 'there is no output policy of this name' }]);
      if (kind !== 'UniqueConstraintViolation') throw error;
      const holders = await this.prisma.client.contentKey.findMany({
        where: { kid: { in: kids.map(({ kid }) => kid) }, contentId: { not: id } },
        select: { kid: true },
      });
      const taken = kids.filter(({ kid }) => holders.some((holder) => holder.kid === kid));
      if (taken.length > 0)
        throw invalidFields(taken.map(({ field }) => ({ field, message: 'is the key id of another content' })));
      return false;
    }
  }
}

const NOT_ONE_KEY = 'has several keys or none: say them with PUT /v1/admin/contents/{contentId}/keys';

/** The keys with the first as it is to be. @throws DomainError `invalid-request` when there are several and it is another one */
function withFirst(keys: readonly TrackKeyValues[], first: FirstKey): TrackKeyValues[] {
  const [old, ...others] = keys;
  if (others.length > 0 && old?.kid !== first.kid) {
    const message = "is not that of the title's first key: say its keys with PUT /v1/admin/contents/{contentId}/keys";
    throw invalidFields([{ field: 'kid', message }]);
  }
  return [{ tracks: [], key: null, outputPolicy: null, ...old, ...first }, ...others];
}

/** Locks the keys of a content. */
function heldKeys(id: string): Prisma.Sql {
  return Prisma.sql`held AS MATERIALIZED (SELECT kid FROM content_key WHERE content_id = ${id} ORDER BY kid FOR NO KEY UPDATE)`;
}

function changedVersion(id: string, version: number, at: Date): Prisma.Sql {
  return Prisma.sql`changed AS (
    UPDATE content SET version = version + 1, updated_at = ${at}
    WHERE id = ${id} AND version = ${version} AND (SELECT count(*) FROM held) >= 0 RETURNING id)`;
}

/** What kind of rule of the database was broken, by an operation of Prisma or by a statement. */
function violationOf(error: unknown): string | undefined {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined;
  if (error.code === 'P2002') return 'UniqueConstraintViolation';
  if (error.code === 'P2003') return 'ForeignKeyConstraintViolation';
  const { driverAdapterError } = (error.meta ?? {}) as { driverAdapterError?: { cause?: { kind?: string } } };
  return driverAdapterError?.cause?.kind;
}

interface KeptKey {
  kid: string;
  source: 'wrapped' | 'key-storage';
  kekId: string | null;
  ek: Uint8Array | null;
  createdAt: Date;
}

const NO_KEY = { source: 'wrapped', kekId: null, ek: null } as const;

type KeyRow = Omit<TrackKeyValues, 'key'> & { kekId: string | null; ek: string | null };

type Row = ContentValues & { id: string; version: number; keys: KeyRow[] };

function keyOf({ kekId, ek, ...others }: KeyRow): TrackKeyValues {
  return { ...others, key: storedKey(kekId, ek === null ? null : new Uint8Array(Buffer.from(ek, 'base64'))) };
}

function isSameKey(one: StoredContentKey, other: StoredContentKey): boolean {
  if (one.kekId !== other.kekId || one.source !== other.source) return false;
  return one.source === 'key-storage' || (other.source === 'wrapped' && Buffer.compare(one.ek, other.ek) === 0);
}
