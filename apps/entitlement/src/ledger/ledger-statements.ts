// The ledger's statements: a token's row, its rental's first play, and the end of its reservation, in one.
import { Prisma } from '@app/platform/database';
import type { Rental } from '../purchases/purchase.js';
import { type GrantedIssuance, type IssuanceBase, type RefusedIssuance, REFUSALS } from './issuance.js';
import type { UnwrittenToken } from './unwritten-token.js';

/** The first token of a rental, as far as is known when it is decided. */
export type FirstGrant = GrantedIssuance & { purchase: Rental };

/** The lock has the statement see the purchase as last committed, whatever was committed after the statement began. */
export function firstGrant(issuance: FirstGrant): Prisma.Sql {
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
    ), recorded AS (
      ${entry('granted', issuance, Prisma.sql`EXISTS (SELECT FROM started)`, Prisma.sql`EXISTS (SELECT FROM standing)`)}
      RETURNING first_play
    )
    SELECT first_play AS "firstPlay" FROM recorded
    UNION ALL SELECT first_play FROM written
    UNION ALL SELECT NULL WHERE NOT EXISTS (SELECT FROM standing) AND NOT EXISTS (SELECT FROM written)`;
}

/** The row that was not written, unless one with its id is there. */
export function restoration(token: UnwrittenToken): Prisma.Sql {
  const decision = token.reason === undefined ? 'granted' : REFUSALS[token.reason];
  return Prisma.sql`
    WITH there AS MATERIALIZED (SELECT decision, first_play FROM issuance WHERE id = ${token.id}::char(32)),
    recorded AS (
      ${entry(decision, token, Prisma.sql`false`, Prisma.sql`NOT EXISTS (SELECT FROM there)`)}
      RETURNING decision, first_play
    )
    SELECT true AS written, decision::text, first_play AS "firstPlay" FROM recorded
    UNION ALL SELECT false, decision::text, first_play FROM there`;
}

type Row = Omit<IssuanceBase & Partial<GrantedIssuance & RefusedIssuance>, 'purchase'> & {
  purchase?: { id: string } | undefined;
};

/** The row itself, unless it is there; the token's reservation ends. */
export function entry(
  decision: string,
  row: Row,
  firstPlay = Prisma.sql`false`,
  condition = Prisma.sql`true`,
): Prisma.Sql {
  const { purchase, rights } = row;
  return Prisma.sql`
    INSERT INTO issuance (id, user_id, content_id, purchase_id, drm, offline, decision, reason, rights_type, rights_end_at,
      play_duration_seconds, persistent, token_expires_at, first_play, expressplay_code, request_id, decided_at, duration_ms)
    SELECT ${row.id}, ${row.userId}, ${row.contentId}, ${purchase?.id ?? null}::uuid, ${row.drm}::drm, ${row.offline},
      ${decision}::issuance_decision, ${row.reason ?? null}::issuance_reason, ${rights?.type ?? null}::purchase_type,
      ${rights?.endsAt ?? null}::timestamptz, ${rights?.playDurationSeconds ?? null}::int, ${rights?.persistent ?? null}::boolean,
      ${row.tokenExpiresAt ?? null}::timestamptz, ${firstPlay}, ${row.expressPlayCode ?? null}::int, ${row.requestId},
      ${row.decidedAt}::timestamptz, ${row.durationMs}::int
    FROM end_reservations(ARRAY[${row.id}::char(32)])
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
export function laterGrants(issuances: readonly GrantedIssuance[]): Prisma.Sql {
  return Prisma.sql`
    WITH ${given(issuances)}
    INSERT INTO issuance (${NAMES}, decision, first_play)
    SELECT ${NAMES}, 'granted', false FROM given, end_reservations(ARRAY(SELECT id FROM given))
    ON CONFLICT (decided_at, id) DO NOTHING
    RETURNING id, false AS "firstPlay"`;
}

/** The same with the first plays, each as `firstGrant` has it. Of two tokens for one rental the one starts its clock. */
export function firstGrants(issuances: readonly FirstGrant[]): Prisma.Sql {
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
    )
    SELECT id, first_play AS "firstPlay" FROM recorded, end_reservations(ARRAY(SELECT id FROM recorded))`;
}
