// Reads and writes purchases: what the store sold, as many in one statement as it sends, what it took back, and what customer
// support reset.
import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Prisma, PrismaService, type Statements } from '@app/platform/database';
import type { PurchaseOrder, RevocationEvent } from './purchase.js';
import type { PurchaseAnswer, RevocationState } from './purchases.dto.js';

/** The list of columns after SELECT or RETURNING. */
const RECORD_COLUMNS =
  Prisma.raw(`id, external_id AS "externalId", user_id AS "userId", content_id AS "contentId", type,
  purchased_at AS "purchasedAt", period_ends_at AS "periodEndsAt", play_duration_seconds AS "playDurationSeconds", version,
  first_play_at AS "firstPlayAt", first_play_reset_id AS "firstPlayResetId", revoked_at AS "revokedAt",
  revocation_reason AS "revocationReason", revocation_version AS "revocationVersion"`);

/** A row of these columns. */
type RecordRow = Omit<PurchaseAnswer, 'version' | 'revocationVersion'> & { version: bigint; revocationVersion: bigint };

/** @param statement one that gives `RECORD_COLUMNS` */
async function recordsOf(db: Statements, statement: Prisma.Sql): Promise<PurchaseAnswer[]> {
  const rows = await db.$queryRaw<RecordRow[]>(statement);
  return rows.map((row) => ({
    ...row,
    version: Number(row.version),
    revocationVersion: Number(row.revocationVersion),
  }));
}

/**
 * An advisory lock of Postgres that keeps a revocation that comes before its purchase and that purchase, coming at the same
 * instant, from missing each other. Who writes purchases holds it shared, so that they do not wait for each other; who is about
 * to keep a revocation because there is no purchase holds it alone. So either the purchase is there when it is looked for
 * again, or the revocation is there when the purchase is written. One lock for all, because a batch of a thousand would
 * need a thousand, and revocations without a purchase are rare.
 */
const EARLY_REVOCATION_LOCK = { space: 4, key: 1 };

/** What became of one order: written, or not, because of the purchase that is there, or because its title is not there. */
export type OrderResult = 'created' | 'updated' | 'unknown-content' | PurchaseAnswer;

/** By the orders themselves. */
type OrderResults = Map<PurchaseOrder, OrderResult>;

/** Whether an event was written, the revocation that stands now, and the purchase if there is one. */
type RevocationResult = { applied: boolean; state: RevocationState; purchase: PurchaseAnswer | undefined };

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
export class PurchaseRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** @throws DatabaseUnavailableError */
  find(externalId: string): Promise<PurchaseAnswer | undefined> {
    return findPurchase(this.prisma.client, externalId);
  }

  /**
   * Writes the orders that are newer than what is there, each round of them in one transaction. A new purchase takes over the
   * revocation that came before it. A first play is never touched, and while there is one user, title and type stay as they are.
   * @param rounds in none of them an external id twice
   * @returns what became of each order
   * @throws DatabaseUnavailableError, and then nothing is written of its round and those after it
   */
  async write(rounds: readonly (readonly PurchaseOrder[])[], at: Date): Promise<OrderResults> {
    const results: OrderResults = new Map();
    for (const round of rounds) await this.prisma.transaction((tx) => this.#write(tx, round, at, results));
    return results;
  }

  /**
   * What `write` would make of these orders: done, and taken back.
   * @throws DatabaseUnavailableError
   */
  async rehearse(rounds: readonly (readonly PurchaseOrder[])[], at: Date): Promise<OrderResults> {
    const takenBack = new Error('A rehearsal is not stored.');
    const results: OrderResults = new Map();
    try {
      await this.prisma.transaction(async (tx) => {
        for (const round of rounds) await this.#write(tx, round, at, results);
        throw takenBack;
      });
    } catch (error) {
      if (error !== takenBack) throw error;
    }
    return results;
  }

  /**
   * Writes one order as `write` does.
   * @returns what became of it, and the purchase as it is then: read before the commit, so that nothing can fail after it
   * @throws DatabaseUnavailableError
   */
  put(order: PurchaseOrder, at: Date): Promise<{ result: OrderResult; purchase: PurchaseAnswer | undefined }> {
    return this.prisma.transaction(async (tx) => {
      const result = (await this.#write(tx, [order], at)).get(order) ?? 'unknown-content';
      return { result, purchase: typeof result === 'object' ? result : await findPurchase(tx, order.externalId) };
    });
  }

  /**
   * Writes the event if it is newer than what is there: to its purchase, or, as long as there is none, beside.
   * @param at the present moment
   * @throws DatabaseUnavailableError, and then nothing is written
   */
  async revoke(event: RevocationEvent, at: Date): Promise<RevocationResult> {
    const result = await applyToPurchase(this.prisma.client, event, at);
    if (result !== undefined) return result;
    return this.prisma.transaction(async (tx) => {
      const { space, key } = EARLY_REVOCATION_LOCK;
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${space}::int, ${key}::int)`;
      return (await applyToPurchase(tx, event, at)) ?? (await keepEarly(tx, event, at));
    });
  }

  /**
   * Takes the first play back, unless a reset of this id did so before. A rental that has not been started keeps the id
   * alone, so that a repetition of the request does not take back a first play that came in between.
   * @returns the purchase as it is then; undefined when there is none
   * @throws DatabaseUnavailableError, and then nothing is written
   */
  resetFirstPlay(reset: FirstPlayReset, at: Date): Promise<{ applied: boolean; purchase: PurchaseAnswer } | undefined> {
    return this.prisma.transaction(async (tx) => {
      const purchase = await findPurchase(tx, reset.externalId, Prisma.sql`FOR UPDATE`);
      if (purchase === undefined) return undefined;
      if (purchase.type !== 'rental' || (await isDone(tx, purchase, reset))) return { applied: false, purchase };
      const [written = purchase] = await recordsOf(tx, resetStatement(purchase, reset, at));
      return { applied: purchase.firstPlayAt !== null, purchase: written };
    });
  }

  async #write(
    tx: Statements,
    orders: readonly PurchaseOrder[],
    at: Date,
    results: OrderResults = new Map(),
  ): Promise<OrderResults> {
    const { space, key } = EARLY_REVOCATION_LOCK;
    await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(${space}::int, ${key}::int)`;
    const others = await tx.$queryRaw<OtherRow[]>(writeStatement(orders, at));
    const notNew = new Map(others.map((row) => [row.n, row]));
    const inTheWay: PurchaseOrder[] = [];
    for (const [n, order] of orders.entries()) {
      const other = notNew.get(n);
      if (other === undefined) results.set(order, 'created');
      else if (other.isUpdated) results.set(order, 'updated');
      else if (other.isKnown) inTheWay.push(order);
      else results.set(order, 'unknown-content');
    }
    if (inTheWay.length === 0) return results;
    // Only a statement of its own sees what another transaction committed while the first one waited for it.
    const ids = inTheWay.map(({ externalId }) => externalId);
    const which = Prisma.sql`WHERE external_id = ANY(${ids}::text[])`;
    const records = await recordsOf(tx, Prisma.sql`SELECT ${RECORD_COLUMNS} FROM purchase ${which}`);
    const current = new Map(records.map((record) => [record.externalId, record]));
    for (const order of inTheWay) results.set(order, current.get(order.externalId) ?? 'unknown-content');
    return results;
  }
}

async function findPurchase(
  db: Statements,
  externalId: string,
  lock = Prisma.empty,
): Promise<PurchaseAnswer | undefined> {
  const which = Prisma.sql`WHERE external_id = ${externalId} ${lock}`;
  return (await recordsOf(db, Prisma.sql`SELECT ${RECORD_COLUMNS} FROM purchase ${which}`))[0];
}

/** An order, by its place among the orders, that is not a new purchase. */
type OtherRow = { n: number; isKnown: boolean; isUpdated: boolean };

/**
 * The rules of versions, in one place for one order and for a thousand. Rows are taken in the order of their ids, so that
 * two such statements never wait for each other in a circle; titles are locked first, so that none is removed meanwhile.
 */
function writeStatement(orders: readonly PurchaseOrder[], at: Date): Prisma.Sql {
  const lines = JSON.stringify(orders.map((order, n) => ({ n, ...order })));
  return Prisma.sql`
    WITH line AS MATERIALIZED (
      SELECT * FROM json_to_recordset(${lines}::json) AS line(n int, "externalId" text, "userId" text, "contentId" text,
        type purchase_type, "purchasedAt" timestamptz, "periodEndsAt" timestamptz, "playDurationSeconds" int, version bigint)
    ), known AS MATERIALIZED (
      SELECT id FROM content WHERE id IN (SELECT "contentId" FROM line) FOR KEY SHARE
    ), written AS (
      INSERT INTO purchase AS p (external_id, user_id, content_id, type, purchased_at, period_ends_at,
        play_duration_seconds, version, revoked_at, revocation_reason, revocation_version, created_at, updated_at)
      SELECT "externalId", "userId", "contentId", type, "purchasedAt", "periodEndsAt", "playDurationSeconds", line.version,
        early.revoked_at, early.reason, coalesce(early.version, 0), ${at}::timestamptz, ${at}::timestamptz
      FROM line JOIN known ON known.id = "contentId" LEFT JOIN early_revocation early ON early.external_id = "externalId"
      ORDER BY "externalId" COLLATE "C"
      ON CONFLICT (external_id) DO UPDATE SET user_id = excluded.user_id, content_id = excluded.content_id,
        type = excluded.type, purchased_at = excluded.purchased_at, period_ends_at = excluded.period_ends_at,
        play_duration_seconds = excluded.play_duration_seconds, version = excluded.version, updated_at = excluded.updated_at
      WHERE excluded.version > p.version AND (p.first_play_at IS NULL
        OR (p.user_id, p.content_id, p.type) = (excluded.user_id, excluded.content_id, excluded.type))
      -- A row that was there has been locked, and so has an xmax.
      RETURNING external_id, xmax = 0 AS created
    ), taken_over AS (
      DELETE FROM early_revocation USING written WHERE early_revocation.external_id = written.external_id
    )
    SELECT n, known.id IS NOT NULL AS "isKnown", written.external_id IS NOT NULL AS "isUpdated"
    FROM line LEFT JOIN known ON known.id = "contentId" LEFT JOIN written ON written.external_id = "externalId"
    WHERE written.created IS NOT TRUE`;
}

/** Undefined where no purchase was seen, or only once it was too late to write to it. */
async function applyToPurchase(
  db: Statements,
  event: RevocationEvent,
  at: Date,
): Promise<RevocationResult | undefined> {
  const { externalId, version, reason } = event;
  const written = await recordsOf(
    db,
    Prisma.sql`
      UPDATE purchase SET revoked_at = ${revokedAt(event, at)}, revocation_reason = ${reason}::revocation_reason,
        revocation_version = ${version}, updated_at = ${at}
      WHERE external_id = ${externalId} AND revocation_version < ${version}
      RETURNING ${RECORD_COLUMNS}`,
  );
  const applied = written.length > 0;
  // A purchase that was created meanwhile is left to the next look: its version is the lower one.
  const which = Prisma.sql`WHERE external_id = ${externalId} AND revocation_version >= ${version}`;
  const [purchase] = applied
    ? written
    : await recordsOf(db, Prisma.sql`SELECT ${RECORD_COLUMNS} FROM purchase ${which}`);
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

/** The ledger remembers all resets of a purchase, the purchase only its last one. */
async function isDone(tx: Statements, purchase: PurchaseAnswer, reset: FirstPlayReset): Promise<boolean> {
  if (purchase.firstPlayResetId === reset.id) return true;
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM issuance WHERE id = ${ledgerId(purchase, reset)} AND decision = 'first-play-reset'`;
  return rows.length > 0;
}

function resetStatement(purchase: PurchaseAnswer, reset: FirstPlayReset, at: Date): Prisma.Sql {
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
    SELECT ${RECORD_COLUMNS} FROM reset`;
}

/** The same for the same reset: 32 hex digits, as all ids of the ledger. */
function ledgerId(purchase: PurchaseAnswer, reset: FirstPlayReset): string {
  return createHash('sha256').update(`first-play-reset ${purchase.id} ${reset.id}`).digest('hex').slice(0, 32);
}
