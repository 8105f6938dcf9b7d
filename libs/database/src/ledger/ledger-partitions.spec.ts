import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Client } from 'pg';
import { createDatabase, databaseServer, dropDatabase, type DatabaseServer } from '@app/embedded-postgres';
import { applyMigrations } from '../migrations/migration-runner.js';
import { maintainLedger } from './ledger-partitions.js';

/** The migrations make months from Postgres's own clock on: these are beyond them, whatever day it is. */
const YEAR = new Date().getUTCFullYear() + 3;
const NOW = new Date(`${YEAR}-05-20T12:00:00Z`);
const NEW_YEAR = new Date(`${YEAR}-01-01T00:00:00Z`);

describe('maintainLedger', () => {
  const name = `ledger_${process.pid}`;
  let server: DatabaseServer;
  let url: string;
  let client: Client;

  beforeAll(async () => {
    server = await databaseServer(process.env.DATABASE_URL);
  }, 120_000);
  afterAll(() => server.stop());

  beforeEach(async () => {
    await dropDatabase(server.url, name);
    url = await createDatabase(server.url, name);
    await applyMigrations(url);
    client = new Client({ connectionString: url });
    await client.connect();
    return async () => {
      await client.end();
      await dropDatabase(server.url, name);
    };
  }, 60_000);

  const record = (decidedAt: string) =>
    client.query(
      `INSERT INTO issuance (id, user_id, content_id, drm, decision, reason, request_id, decided_at, duration_ms)
       VALUES (md5($1::text), 'u', 'c', 'playready', 'denied', 'no-purchase', 'r', $1::timestamptz, 1)`,
      [decidedAt],
    );
  const rows = async () => {
    const found = await client.query<{ at: string }>(
      `SELECT to_char(decided_at AT TIME ZONE 'UTC', 'YYYY-MM') AS at FROM issuance ORDER BY decided_at`,
    );
    return found.rows.map(({ at }) => at);
  };

  it('makes the months to come, and makes none twice', async () => {
    const report = await maintainLedger(url, { now: NOW, monthsAhead: 2 });
    expect(report.created).toEqual([`issuance_${YEAR}_05`, `issuance_${YEAR}_06`, `issuance_${YEAR}_07`]);
    expect((await maintainLedger(url, { now: NOW, monthsAhead: 2 })).created).toEqual([]);
  });

  it('drops whole months past their time, and nothing else', async () => {
    await maintainLedger(url, { now: NEW_YEAR, monthsAhead: 6 });
    for (const at of [`${YEAR}-02-28T23:59:59Z`, `${YEAR}-03-01T00:00:00Z`, `${YEAR}-05-20T00:00:00Z`])
      await record(at);
    const report = await maintainLedger(url, { now: NOW, monthsAhead: 0, keepMonths: 2 });
    expect(report.dropped.filter(({ rows: count }) => count > 0)).toEqual([
      { partition: `issuance_${YEAR}_02`, rows: 1 },
    ]);
    expect(await rows()).toEqual([`${YEAR}-03`, `${YEAR}-05`]);
  });

  it('changes nothing in a dry run', async () => {
    await maintainLedger(url, { now: NEW_YEAR, monthsAhead: 0 });
    await record(`${YEAR}-01-15T00:00:00Z`);
    const report = await maintainLedger(url, { now: NOW, monthsAhead: 1, keepMonths: 1, dryRun: true });
    expect(report.created).toHaveLength(2);
    expect(report.dropped).toContainEqual({ partition: `issuance_${YEAR}_01`, rows: 1 });
    expect(await rows()).toEqual([`${YEAR}-01`]);
    expect((await maintainLedger(url, { now: NOW, monthsAhead: 1 })).created).toHaveLength(2);
  });

  it('tells of rows that no month took', async () => {
    await record('1999-12-31T00:00:00Z');
    const report = await maintainLedger(url, { now: NOW, monthsAhead: 0, keepMonths: 1 });
    expect(report.rowsOutsideMonths).toBe(1);
    expect(await rows()).toEqual(['1999-12']);
  });
});
