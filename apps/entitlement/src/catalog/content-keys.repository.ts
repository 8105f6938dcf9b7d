// Keeps the keys of contents: what a store says of them becomes a change of their content.
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { Prisma, PrismaService } from '@app/platform/database';
import { invalidFields } from '@app/platform/problems';
import type { ContentEntry, ProtectionScheme, StoredContentKey, TrackKeyValues } from './content.js';
import { ContentsRepository, heldKeys, writeNaming } from './contents.repository.js';
import { writeOptimistically, type VersionCheck } from './versions.js';

@Injectable()
export class ContentKeysRepository {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly contents: ContentsRepository,
  ) {}

  /**
   * Gives a content's only key its key material. The content's version, which is returned, counts it as a change, unless it has it already.
   * @throws UnknownContentError, DomainError `precondition-failed`, or `invalid-request` when the content has several keys or none;
   *   DatabaseUnavailableError
   */
  async putOnly(id: string, key: StoredContentKey, check: VersionCheck): Promise<number> {
    const at = this.clock.now();
    const { version } = await writeOptimistically<ContentEntry>(check, {
      find: () => this.contents.get(id),
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
  async putAll(
    id: string,
    wanted: readonly TrackKeyValues[],
    protectionScheme: ProtectionScheme | undefined,
    check: VersionCheck,
  ): Promise<ContentEntry> {
    const at = this.clock.now();
    const kept = (present: ContentEntry) =>
      wanted.map((one) => ({ ...one, key: one.key ?? present.keys.find(({ kid }) => kid === one.kid)?.key ?? null }));
    const { before, version } = await writeOptimistically<ContentEntry>(check, {
      find: () => this.contents.get(id),
      isWanted: (present) =>
        (protectionScheme ?? present.values.protectionScheme) === present.values.protectionScheme &&
        isDeepStrictEqual(present.keys, kept(present)),
      write: async (present) =>
        present !== undefined && (await this.#writeKeys(id, present.version, wanted, protectionScheme, at)),
    });
    return version === before?.version ? before : this.contents.get(id);
  }

  /** @returns false when the content no longer has this version */
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
    const named = {
      kids: wanted.map(({ kid }, index) => ({ kid, field: `keys.${index}.kid` })),
      policies: wanted.flatMap(({ outputPolicy: name }, index) =>
        name === null ? [] : [{ name, field: `keys.${index}.outputPolicy` }],
      ),
    };
    return writeNaming(this.prisma, id, named, () =>
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
}

const NOT_ONE_KEY = 'has several keys or none: say them with PUT /v1/admin/contents/{contentId}/keys';

function changedVersion(id: string, version: number, at: Date): Prisma.Sql {
  return Prisma.sql`changed AS (
    UPDATE content SET version = version + 1, updated_at = ${at}
    WHERE id = ${id} AND version = ${version} AND (SELECT count(*) FROM held) >= 0 RETURNING id)`;
}

interface KeptKey {
  kid: string;
  source: 'wrapped' | 'key-storage';
  kekId: string | null;
  ek: Uint8Array | null;
  createdAt: Date;
}

const NO_KEY = { source: 'wrapped', kekId: null, ek: null } as const;

function isSameKey(one: StoredContentKey, other: StoredContentKey): boolean {
  if (one.kekId !== other.kekId || one.source !== other.source) return false;
  return one.source === 'key-storage' || (other.source === 'wrapped' && Buffer.compare(one.ek, other.ek) === 0);
}
