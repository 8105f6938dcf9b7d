// The ledger's rows as they are held against ExpressPlay's records.
import type { PrismaService } from '@app/platform/database';
import { Prisma } from '@app/platform/database';
import type { LedgerEntry } from '../../ledger/issuances.dto.js';

/** A row that ExpressPlay may have sold a token for. */
export type LedgerRow = Pick<
  LedgerEntry,
  'id' | 'userId' | 'contentId' | 'drm' | 'decision' | 'decidedAt' | 'tokenExpiresAt'
>;

const COLUMNS = Prisma.sql`id, user_id AS "userId", content_id AS "contentId", drm, decision, decided_at AS "decidedAt",
  token_expires_at AS "tokenExpiresAt"`;

const BATCH_SIZE = 1000;

export class IssuedTokensRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** The rows of some ids, in any order. @throws DatabaseUnavailableError */
  ofIds(ids: readonly string[]): Promise<LedgerRow[]> {
    return this.prisma.client.$queryRaw<LedgerRow[]>`
      SELECT ${COLUMNS} FROM issuance WHERE id = ANY(${ids}::text[]::char(32)[])`;
  }

  /** Tokens that were issued at a moment or later, the oldest first, batch by batch. @throws DatabaseUnavailableError */
  async *issuedSince(since: Date): AsyncGenerator<LedgerRow[]> {
    let last: Pick<LedgerRow, 'decidedAt' | 'id'> | undefined = { decidedAt: since, id: '' };
    while (last !== undefined) {
      const batch: LedgerRow[] = await this.prisma.client.$queryRaw`
        SELECT ${COLUMNS} FROM issuance
        WHERE decision = 'granted' AND decided_at >= ${last.decidedAt} AND (decided_at, id) > (${last.decidedAt}, ${last.id}::char(32))
        ORDER BY decided_at, id LIMIT ${BATCH_SIZE}`;
      if (batch.length > 0) yield batch;
      last = batch.length < BATCH_SIZE ? undefined : batch.at(-1);
    }
  }
}
