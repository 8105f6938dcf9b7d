// Takes a rental's first play back, and writes that into the ledger in the same statement.
import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Prisma, PrismaService, type Statements } from '@app/platform/database';
import type { PurchaseRecord } from './purchase.js';
import { RECORD_COLUMNS, recordOf, type RecordRow } from './purchase.repository.js';

/** What customer support orders. */
export interface FirstPlayReset {
  externalId: string;
  /** The caller's own id of this reset. */
  id: string;
  reason: string;
  /** Who: the subject of the bearer token. */
  actor: string;
  requestId: string;
}

@Injectable()
export class FirstPlayResetRepository {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * Takes the first play back, unless a reset of this id did so before. A rental that has not been started keeps the id
   * alone, so that a repetition of the request does not take back a first play that came in between.
   * @returns the purchase as it is then; undefined when there is none
   * @throws DatabaseUnavailableError, and then nothing is written
   */
  apply(reset: FirstPlayReset, at: Date): Promise<{ applied: boolean; purchase: PurchaseRecord } | undefined> {
    return this.prisma.transaction(async (tx) => {
      const [row] = await tx.$queryRaw<RecordRow[]>`
        SELECT ${Prisma.raw(RECORD_COLUMNS)} FROM purchase WHERE external_id = ${reset.externalId} FOR UPDATE`;
      if (row === undefined) return undefined;
      const purchase = recordOf(row);
      if (purchase.type !== 'rental' || (await isDone(tx, purchase, reset))) return { applied: false, purchase };
      const rows = await tx.$queryRaw<RecordRow[]>(resetStatement(purchase, reset, at));
      return { applied: purchase.firstPlayAt !== null, purchase: rows.map(recordOf)[0] ?? purchase };
    });
  }
}

/** The ledger remembers all resets of a purchase, the purchase only its last one. */
async function isDone(tx: Statements, purchase: PurchaseRecord, reset: FirstPlayReset): Promise<boolean> {
  if (purchase.firstPlayResetId === reset.id) return true;
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM issuance WHERE id = ${ledgerId(purchase, reset)} AND decision = 'first-play-reset'`;
  return rows.length > 0;
}

function resetStatement(purchase: PurchaseRecord, reset: FirstPlayReset, at: Date): Prisma.Sql {
  return Prisma.sql`
    WITH reset AS (
      UPDATE purchase SET first_play_at = NULL, first_play_reset_id = ${reset.id}, updated_at = ${at}
      WHERE id = ${purchase.id}::uuid
      RETURNING *
    ), entry AS (
      INSERT INTO issuance (id, user_id, content_id, purchase_id, decision, request_id, decided_at, duration_ms, actor, note)
      SELECT ${ledgerId(purchase, reset)}, user_id, content_id, id, 'first-play-reset', ${reset.requestId},
        ${at}::timestamptz, 0, ${reset.actor}, ${reset.reason}
      FROM reset WHERE ${purchase.firstPlayAt !== null}
    )
    SELECT ${Prisma.raw(RECORD_COLUMNS)} FROM reset`;
}

/** The same for the same reset: 32 hex digits, as all ids of the ledger. */
function ledgerId(purchase: PurchaseRecord, reset: FirstPlayReset): string {
  return createHash('sha256').update(`first-play-reset ${purchase.id} ${reset.id}`).digest('hex').slice(0, 32);
}
