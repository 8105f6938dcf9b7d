// Writes the ledger, and with a rental's first token its first play, in one statement and so in one transaction.
import { Injectable } from '@nestjs/common';
import { ALONE, DatabaseUnavailableError, Prisma, PrismaService, SharedRoundTrips } from '@app/platform/database';
import type { Purchase, Rental } from '../purchases/purchase.js';
import { type GrantedIssuance, type IssuanceBase, type RefusedIssuance, REFUSALS } from './issuance.js';
import type { UnwrittenToken } from './unwritten-token.js';

/** What the record of a token writes: its row, or for an unstarted rental the purchase's first play as well. */
type Written = 'row' | 'first-play';

/** What became of the row of a token that was bought and not written: it is written now, or was there already. */
export interface RestoredRow {
  written: boolean;
  decision: string;
  /** Whether the rental's clock was started, by a write that was taken for failed. */
  firstPlay: boolean;
}

const MOST_UNWRITTEN = 10_000;

@Injectable()
export class LedgerWriter {
  /** What could not be written the last time, for want of the database. */
  readonly #failing = new Set<Written>();
  /** Purchases a token of which was bought and could not be written down; the oldest first. */
  readonly #unwritten = new Set<string>();
  readonly #grants = new SharedRoundTrips<GrantedIssuance, boolean | undefined>({
    one: (issuance) => this.#grant(issuance),
    many: (issuances) => this.#grantTogether('issuances', laterGrants(issuances), issuances),
  });
  readonly #firstGrants = new SharedRoundTrips<FirstGrant, boolean | undefined>({
    one: (issuance) => this.#grantFirst(issuance),
    many: (issuances) => this.#grantTogether('first_issuances', firstGrants(issuances), issuances),
  });

  constructor(private readonly prisma: PrismaService) {}

  /**
   * Whether what is bought for a purchase could be for nobody: the last write failed for want of the database, or the last grant
   * for this purchase did, whose row alone may be locked.
   */
  isFailing(purchase: Purchase): boolean {
    return writesOf(purchase).some((written) => this.#failing.has(written)) || this.#unwritten.has(purchase.id);
  }

  /**
   * Records an issued token, once, however often it is called for it. With the first token of a rental its first play is
   * written, unless one is there, or was taken back since the decision. The token's reservation ends, for now the ledger counts it.
   * @returns whether this issuance started the rental's clock; undefined when the rental to be started is no longer the one
   *   decided on: then nothing is recorded
   * @throws DatabaseUnavailableError, and then nothing is written, unless the connection broke
   */
  async recordGranted(issuance: GrantedIssuance): Promise<boolean | undefined> {
    const { purchase } = issuance;
    try {
      return await this.#watch(
        purchase,
        isFirst(issuance) ? this.#firstGrants.ask(issuance) : this.#grants.ask(issuance),
      );
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) this.#remember(purchase);
      throw error;
    }
  }

  async #grant(issuance: GrantedIssuance): Promise<boolean> {
    await this.#write('issuance', Prisma.sql`WITH ${bought(issuance)} ${entry('granted', issuance)}`);
    return false;
  }

  async #grantFirst(issuance: FirstGrant): Promise<boolean | undefined> {
    const [row] = await this.#write<{ firstPlay: boolean | null }>('first_issuance', firstGrant(issuance));
    // No row: another try wrote it after this statement began, so the next one sees it.
    return row === undefined ? this.#grantFirst(issuance) : (row.firstPlay ?? undefined);
  }

  /** What somebody else has locked, what is not as it was decided on, and what is written already, is left for `one`. */
  async #grantTogether(kind: string, statement: Prisma.Sql, issuances: readonly GrantedIssuance[]) {
    const rows = await this.#write<{ id: string; firstPlay: boolean }>(kind, statement);
    const written = new Map(rows.map(({ id, firstPlay }) => [id, firstPlay]));
    return issuances.map(({ id }) => written.get(id) ?? ALONE);
  }

  /**
   * Records a request that ended without a token, once, however often it is called for it; if one was reserved, it no longer counts.
   * One that was refused because the ledger was failing writes to the purchase as a grant would: where that works, the next such
   * token is bought.
   * @throws DatabaseUnavailableError
   */
  async recordRefused(issuance: RefusedIssuance): Promise<void> {
    const { purchase, reason } = issuance;
    const tried = reason === 'ledger-unavailable' ? purchase : undefined;
    const trial =
      tried !== undefined && isUnstarted(tried)
        ? Prisma.sql`, trial AS (UPDATE purchase SET updated_at = updated_at WHERE id = ${tried.id}::uuid)`
        : Prisma.empty;
    const statement = Prisma.sql`WITH ${bought(issuance)}${trial} ${entry(REFUSALS[reason], issuance)}`;
    await this.#watch(tried, this.#write('issuance', statement));
  }

  /**
   * Writes the rows of tokens that were bought and could not be written, all of them or none; those that are there are left.
   * It starts no clock: nobody was given these tokens.
   * @returns what became of each, in their order
   * @throws DatabaseUnavailableError
   */
  restore(tokens: readonly UnwrittenToken[]): Promise<RestoredRow[]> {
    return this.prisma.transaction(async (tx) => {
      const restored: RestoredRow[] = [];
      for (const token of tokens) restored.push(...(await tx.$queryRaw<RestoredRow[]>(restoration(token))));
      return restored;
    });
  }

  #write<T>(kind: string, statement: Prisma.Sql): Promise<T[]> {
    return this.prisma.persist(() => this.prisma.runPrepared<T>(kind, statement));
  }

  /** Learns from a write whether the ledger can be written. @param purchase whose token it is about, if a token of it would be written down like this */
  async #watch<T>(purchase: Purchase | undefined, write: Promise<T>): Promise<T> {
    // A purchase that is known to be stuck says nothing of the others.
    const isStuck = purchase !== undefined && this.#unwritten.has(purchase.id);
    try {
      const result = await write;
      if (purchase !== undefined) {
        for (const written of writesOf(purchase)) this.#failing.delete(written);
        this.#unwritten.delete(purchase.id);
      }
      return result;
    } catch (error) {
      if (error instanceof DatabaseUnavailableError && !isStuck) {
        for (const written of writesOf(purchase)) this.#failing.add(written);
      }
      throw error;
    }
  }

  #remember(purchase: Purchase): void {
    const [oldest] = this.#unwritten;
    if (this.#unwritten.size >= MOST_UNWRITTEN && oldest !== undefined) this.#unwritten.delete(oldest);
    this.#unwritten.add(purchase.id);
  }
}

/** The first token of a rental, as far as is known when it is decided. */
type FirstGrant = GrantedIssuance & { purchase: Rental };

function isFirst(issuance: GrantedIssuance): issuance is FirstGrant {
  return isUnstarted(issuance.purchase);
}

function isUnstarted(purchase: Purchase): purchase is Rental {
  return purchase.type === 'rental' && purchase.firstPlayAt === null;
}

function writesOf(purchase: Purchase | undefined): Written[] {
  return purchase !== undefined && isUnstarted(purchase) ? ['row', 'first-play'] : ['row'];
}

/** The lock has the statement see the purchase as last committed, whatever was committed after the statement began. */
function firstGrant(issuance: FirstGrant): Prisma.Sql {
  const { id, userId, contentId, decidedAt, purchase: rental } = issuance;
  return Prisma.sql`
    WITH standing AS MATERIALIZED (
      SELECT id FROM purchase
      WHERE id = ${rental.id}::uuid AND user_id = ${userId} AND content_id = ${contentId} AND type = 'rental'
        AND version = ${rental.version}
      FOR NO KEY UPDATE
    ), written AS (
      SELECT first_play FROM issuance WHERE decided_at = ${decidedAt} AND id = ${id}
    ), started AS (
      UPDATE purchase SET first_play_at = ${decidedAt}, updated_at = ${decidedAt}
      WHERE id = (SELECT id FROM standing) AND first_play_at IS NULL
        AND first_play_reset_id IS NOT DISTINCT FROM ${rental.firstPlayResetId} AND NOT EXISTS (SELECT FROM written)
      RETURNING id
    ), ${bought(issuance)}, recorded AS (
      ${entry('granted', issuance, Prisma.sql`EXISTS (SELECT FROM started)`, Prisma.sql`EXISTS (SELECT FROM standing)`)}
      RETURNING first_play
    )
    SELECT first_play AS "firstPlay" FROM recorded
    UNION ALL SELECT first_play FROM written
    UNION ALL SELECT NULL WHERE NOT EXISTS (SELECT FROM standing) AND NOT EXISTS (SELECT FROM written)`;
}

function bought({ id }: { id: string }): Prisma.Sql {
  return Prisma.sql`bought AS (DELETE FROM token_reservation WHERE issuance_id = ${id}::char(32))`;
}

/** The row that was not written, unless one with its id is there. */
function restoration(token: UnwrittenToken): Prisma.Sql {
  const decision = token.reason === undefined ? 'granted' : REFUSALS[token.reason];
  return Prisma.sql`
    WITH there AS MATERIALIZED (SELECT decision, first_play FROM issuance WHERE id = ${token.id}::char(32)),
    ${bought(token)}, recorded AS (
      ${entry(decision, token, Prisma.sql`false`, Prisma.sql`NOT EXISTS (SELECT FROM there)`)}
      RETURNING decision, first_play
    )
    SELECT true AS written, decision::text, first_play AS "firstPlay" FROM recorded
    UNION ALL SELECT false, decision::text, first_play FROM there`;
}

type Row = Omit<IssuanceBase & Partial<GrantedIssuance & RefusedIssuance>, 'purchase'> & {
  purchase?: { id: string } | undefined;
};

/** The row itself, unless it is there. */
function entry(decision: string, row: Row, firstPlay = Prisma.sql`false`, condition = Prisma.sql`true`): Prisma.Sql {
  const { purchase, rights } = row;
  return Prisma.sql`
    INSERT INTO issuance (id, user_id, content_id, purchase_id, drm, offline, decision, reason, rights_type, rights_end_at,
      play_duration_seconds, persistent, token_expires_at, first_play, expressplay_code, request_id, decided_at, duration_ms)
    SELECT ${row.id}, ${row.userId}, ${row.contentId}, ${purchase?.id ?? null}::uuid, ${row.drm}::drm, ${row.offline},
      ${decision}::issuance_decision, ${row.reason ?? null}::issuance_reason, ${rights?.type ?? null}::purchase_type,
      ${rights?.endsAt ?? null}::timestamptz, ${rights?.playDurationSeconds ?? null}::int, ${rights?.persistent ?? null}::boolean,
      ${row.tokenExpiresAt ?? null}::timestamptz, ${firstPlay}, ${row.expressPlayCode ?? null}::int, ${row.requestId},
      ${row.decidedAt}::timestamptz, ${row.durationMs}::int
    WHERE ${condition}
    ON CONFLICT (decided_at, id) DO NOTHING`;
}

/** Rows for the ledger, as one value: its columns are those of the table, and what a rental was decided on. */
function given(issuances: readonly GrantedIssuance[]): Prisma.Sql {
  const rows = issuances.map(({ purchase, rights, ...row }) => ({
    id: row.id,
    user_id: row.userId,
    content_id: row.contentId,
    purchase_id: purchase.id,
    drm: row.drm,
    offline: row.offline,
    rights_type: rights.type,
    rights_end_at: rights.endsAt,
    play_duration_seconds: rights.playDurationSeconds,
    persistent: rights.persistent,
    token_expires_at: row.tokenExpiresAt,
    request_id: row.requestId,
    decided_at: row.decidedAt,
    duration_ms: row.durationMs,
    ...(purchase.type === 'rental' ? { version: String(purchase.version), reset_id: purchase.firstPlayResetId } : {}),
  }));
  return Prisma.sql`given AS MATERIALIZED (
      SELECT * FROM json_to_recordset(${JSON.stringify(rows)}::json) AS given(
        id char(32), user_id text, content_id text, purchase_id uuid, drm drm, offline boolean, rights_type purchase_type,
        rights_end_at timestamptz, play_duration_seconds int, persistent boolean, token_expires_at timestamptz, request_id text,
        decided_at timestamptz, duration_ms int, version bigint, reset_id text)
    )`;
}

const NAMES = Prisma.sql`id, user_id, content_id, purchase_id, drm, offline, rights_type, rights_end_at, play_duration_seconds, persistent,
  token_expires_at, request_id, decided_at, duration_ms`;

/** Rows of tokens that start no clock. */
function laterGrants(issuances: readonly GrantedIssuance[]): Prisma.Sql {
  return Prisma.sql`
    WITH ${given(issuances)}, bought AS (DELETE FROM token_reservation WHERE issuance_id IN (SELECT id FROM given))
    INSERT INTO issuance (${NAMES}, decision, first_play)
    SELECT ${NAMES}, 'granted', false FROM given
    ON CONFLICT (decided_at, id) DO NOTHING
    RETURNING id, false AS "firstPlay"`;
}

/** The same with the first plays, each as `firstGrant` has it. Of two tokens for one rental the one starts its clock. */
function firstGrants(issuances: readonly FirstGrant[]): Prisma.Sql {
  return Prisma.sql`
    WITH ${given(issuances)}, standing AS MATERIALIZED (
      SELECT p.id, given.id AS issuance_id FROM purchase p JOIN given ON p.id = given.purchase_id
      WHERE p.user_id = given.user_id AND p.content_id = given.content_id AND p.type = 'rental' AND p.version = given.version
        AND NOT EXISTS (SELECT FROM issuance i WHERE i.decided_at = given.decided_at AND i.id = given.id)
      FOR NO KEY UPDATE OF p SKIP LOCKED
    ), started AS (
      UPDATE purchase SET first_play_at = given.decided_at, updated_at = given.decided_at
      FROM standing JOIN given ON given.id = standing.issuance_id
      WHERE purchase.id = standing.id AND purchase.first_play_at IS NULL
        AND purchase.first_play_reset_id IS NOT DISTINCT FROM given.reset_id
      RETURNING given.id
    ), recorded AS (
      INSERT INTO issuance (${NAMES}, decision, first_play)
      SELECT ${NAMES}, 'granted', id IN (SELECT id FROM started) FROM given WHERE id IN (SELECT issuance_id FROM standing)
      ON CONFLICT (decided_at, id) DO NOTHING
      RETURNING id, first_play
    ), bought AS (DELETE FROM token_reservation WHERE issuance_id IN (SELECT id FROM recorded))
    SELECT id, first_play AS "firstPlay" FROM recorded`;
}
