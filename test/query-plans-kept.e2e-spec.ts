// Plans are made while tables are empty (a new deployment, the first minute of a month) and kept while they fill: until Postgres has
// analyzed them, everything is as cheap to a plan as anything else.
import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { decisionQuery, decisionsQuery } from '../apps/entitlement/src/entitlements/decision.query.js';
import { firstGrant, firstGrants, laterGrants } from '../apps/entitlement/src/ledger/ledger-statements.js';
import type { Statement } from '../bench/support/query-plan.js';
import { TestDatabase } from './support/test-database.js';

const AT = new Date(inject('seededAt'));
const LIMITS = { windowSeconds: 3600, perUser: 200, perTitle: 50, reservationSeconds: 13 };
const VIEWERS = Array.from({ length: 16 }, (_, number) => `viewer-${number}`);
const RENTALS = new Map(VIEWERS.map((viewer) => [viewer, randomUUID()]));
const TOKENS = 5000;

const newId = () => randomBytes(16).toString('hex');
const question = (userId: string) => ({
  userId,
  contentId: 'sintel',
  reservation: { issuanceId: newId(), at: AT, limits: LIMITS },
});
const granted = (userId: string) => ({
  id: newId(),
  userId,
  contentId: 'sintel',
  drm: 'widevine' as const,
  offline: false,
  requestId: 'request',
  decidedAt: AT,
  durationMs: 1,
  tokenExpiresAt: AT,
  rights: { type: 'rental' as const, endsAt: AT, playDurationSeconds: 60, persistent: false },
  purchase: {
    type: 'rental' as const,
    id: RENTALS.get(userId) ?? '',
    revokedAt: null,
    periodEndsAt: AT,
    playDurationSeconds: 60,
    firstPlayAt: null,
    version: 1n,
    firstPlayResetId: null,
  },
});

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('SET plan_cache_mode = force_generic_plan');
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const kept: Record<string, () => Statement> = {
  decision: () => decisionQuery(question('viewer-1')),
  decisions: () => decisionsQuery(VIEWERS.map(question)),
  'first grant': () => firstGrant(granted('viewer-1')),
  'first grants': () => firstGrants(VIEWERS.map(granted)),
  'later grants': () => laterGrants(VIEWERS.map(granted)),
};

/** Runs a statement as the service does, prepared, and undoes it. @returns how many rows of the ledger it read */
async function rowsRead(name: string, { text, values }: Statement): Promise<number> {
  await client.query('BEGIN');
  await client.query({
    name,
    text,
    values: values.map((value) => (value instanceof Date ? value.toISOString() : value)),
  });
  const { rows } = await client.query<{ read: number }>(
    `SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS read FROM pg_stat_xact_user_tables WHERE relname LIKE 'issuance%'`,
  );
  await client.query('ROLLBACK');
  return rows[0]?.read ?? NaN;
}

it('plans that were made for an empty ledger read no more of a full one than what they are about', async () => {
  await client.query(
    `INSERT INTO purchase (id, external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds, version)
     SELECT id, 'kept-' || v, v, 'sintel', 'rental', $3, $3::timestamptz + interval '1 day', 60, 1
     FROM unnest($1::text[], $2::uuid[]) AS rental(v, id)`,
    [VIEWERS, [...RENTALS.values()], AT],
  );
  for (const [name, statement] of Object.entries(kept)) expect(await rowsRead(name, statement())).toBe(0);
  await client.query(
    `INSERT INTO issuance (id, user_id, content_id, drm, offline, decision, request_id, decided_at, duration_ms, first_play, reason)
     SELECT lpad(to_hex(n), 32, '0'), 'crowd-' || n, 'sintel', 'widevine', false, 'failed', 'r', $1, 1, false, 'upstream-timeout'
     FROM generate_series(1, ${TOKENS}) n`,
    [AT],
  );
  for (const [name, statement] of Object.entries(kept)) {
    expect([name, (await rowsRead(name, statement())) < TOKENS / 50]).toEqual([name, true]);
  }
});
