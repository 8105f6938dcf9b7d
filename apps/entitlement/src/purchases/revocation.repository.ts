// Writes that a purchase was taken back, or given back, even before there is a purchase.
import { Injectable } from '@nestjs/common';
import { Prisma, PrismaService, type Statements } from '@app/platform/database';
import type { PurchaseRecord, RevocationEvent, RevocationState } from './purchase.js';
import { EARLY_REVOCATION_LOCK, RECORD_COLUMNS, recordOf, type RecordRow } from './purchase.repository.js';

/** Whether an event was written, the revocation that stands now, and the purchase if there is one. */
type RevocationResult = { applied: boolean; state: RevocationState; purchase: PurchaseRecord | undefined };

@Injectable()
export class RevocationRepository {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * Writes the event if it is newer than what is there: to its purchase, or, as long as there is none, beside.
   * @param at the present moment
   * @throws DatabaseUnavailableError, and then nothing is written
   */
  async apply(event: RevocationEvent, at: Date): Promise<RevocationResult> {
    const result = await applyToPurchase(this.prisma.client, event, at);
    if (result !== undefined) return result;
    return this.prisma.transaction(async (tx) => {
      const { space, key } = EARLY_REVOCATION_LOCK;
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${space}::int, ${key}::int)`;
      return (await applyToPurchase(tx, event, at)) ?? (await keepEarly(tx, event, at));
    });
  }
}

/** Undefined where no purchase was seen, or only once it was too late to write to it. */
async function applyToPurchase(
  db: Statements,
  event: RevocationEvent,
  at: Date,
): Promise<RevocationResult | undefined> {
  const { externalId, version, reason } = event;
  const columns = Prisma.raw(RECORD_COLUMNS);
  const written = await db.$queryRaw<RecordRow[]>`
    UPDATE purchase SET revoked_at = ${revokedAt(event, at)}, revocation_reason = ${reason}::revocation_reason,
      revocation_version = ${version}, updated_at = ${at}
    WHERE external_id = ${externalId} AND revocation_version < ${version}
    RETURNING ${columns}`;
  const applied = written.length > 0;
  // A purchase that was created meanwhile is left to the next look: its version is the lower one.
  const rows = applied
    ? written
    : await db.$queryRaw<RecordRow[]>`
        SELECT ${columns} FROM purchase WHERE external_id = ${externalId} AND revocation_version >= ${version}`;
  const [purchase] = rows.map(recordOf);
  return purchase === undefined ? undefined : { applied, state: purchase, purchase };
}

type EarlyRow = Omit<RevocationState, 'revocationVersion'> & { revocationVersion: bigint };

async function keepEarly(db: Statements, event: RevocationEvent, at: Date): Promise<RevocationResult> {
  const columns = Prisma.sql`
    revoked_at AS "revokedAt", reason AS "revocationReason", version AS "revocationVersion"`;
  const written = await db.$queryRaw<EarlyRow[]>`
    INSERT INTO early_revocation AS early (external_id, version, revoked_at, reason, received_at)
    VALUES (${event.externalId}, ${event.version}, ${revokedAt(event, at)}, ${event.reason}::revocation_reason, ${at})
    ON CONFLICT (external_id) DO UPDATE SET version = excluded.version, revoked_at = excluded.revoked_at,
      reason = excluded.reason, received_at = excluded.received_at
    WHERE excluded.version > early.version
    RETURNING ${columns}`;
  const applied = written.length > 0;
  const [row] = applied
    ? written
    : await db.$queryRaw<EarlyRow[]>`SELECT ${columns} FROM early_revocation WHERE external_id = ${event.externalId}`;
  if (row === undefined) throw new Error('An early revocation is gone although nobody else may touch it now.');
  return { applied, state: { ...row, revocationVersion: Number(row.revocationVersion) }, purchase: undefined };
}

function revokedAt({ reason, revokedAt: sent }: RevocationEvent, at: Date): Date | null {
  return reason === null ? null : (sent ?? at);
}
