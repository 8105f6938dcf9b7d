import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Client } from 'pg';
import { createDatabase, databaseServer, dropDatabase, type DatabaseServer } from '@app/embedded-postgres';
import { applyMigrations } from './migrations.js';
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

  /** What the table says of the last maintenance. */
  const noted = async () => {
    const found = await client.query<{ comment: string | null }>(
      `SELECT obj_description('issuance'::regclass, 'pg_class') AS comment`,
    );
    return found.rows[0]?.comment;
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
    const before = await noted();
    const report = await maintainLedger(url, { now: NOW, monthsAhead: 1, keepMonths: 1, dryRun: true });
    expect(await noted()).toBe(before);
    expect(report.created).toHaveLength(2);
    expect(report.dropped).toContainEqual({ partition: `issuance_${YEAR}_01`, rows: 1 });
    expect(await rows()).toEqual([`${YEAR}-01`]);
    expect((await maintainLedger(url, { now: NOW, monthsAhead: 1 })).created).toHaveLength(2);
  });

  it('leaves alone rows of months that are past their time or too far ahead, and tells of them', async () => {
    for (const at of ['1999-12-31T00:00:00Z', `${YEAR + 1}-01-01T00:00:00Z`]) await record(at);
    const report = await maintainLedger(url, { now: NOW, monthsAhead: 0, keepMonths: 1 });
    expect(report).toMatchObject({ moved: [], rowsOutsideMonths: 2 });
    expect(await rows()).toEqual(['1999-12', `${YEAR + 1}-01`]);
  });

  const AT = [
    `${YEAR}-04-30T23:59:59.999Z`,
    `${YEAR}-05-01T00:00:00Z`,
    `${YEAR}-05-31T23:59:59.999Z`,
    `${YEAR}-06-01T00:00:00Z`,
  ];
  const MOVED = [
    { partition: `issuance_${YEAR}_04`, rows: 1 },
    { partition: `issuance_${YEAR}_05`, rows: 2 },
    { partition: `issuance_${YEAR}_06`, rows: 1 },
  ];
  const places = async () => {
    const found = await client.query<{ place: string }>(
      'SELECT tableoid::regclass::text AS place FROM issuance ORDER BY decided_at',
    );
    return found.rows.map(({ place }) => place);
  };

  it('moves rows that came before their partition, of the present month too, and does nothing a second time', async () => {
    for (const at of AT) await record(at);
    const told = await maintainLedger(url, { now: NOW, monthsAhead: 2, dryRun: true });
    expect(await places()).toEqual(Array(4).fill('issuance_other'));
    const report = await maintainLedger(url, { now: NOW, monthsAhead: 2 });
    expect(report).toEqual({
      created: [`issuance_${YEAR}_04`, `issuance_${YEAR}_05`, `issuance_${YEAR}_06`, `issuance_${YEAR}_07`],
      moved: MOVED,
      dropped: [],
      failed: [],
      rowsOutsideMonths: 0,
    });
    expect(told).toEqual(report);
    expect(await places()).toEqual(MOVED.flatMap(({ partition, rows: count }) => Array(count).fill(partition)));
    expect(await maintainLedger(url, { now: NOW, monthsAhead: 2 })).toMatchObject({
      created: [],
      moved: [],
      failed: [],
    });
  });

  it('leaves the ledger as append-only as it was, and a month that took rows over like any other', async () => {
    await record(`${YEAR}-05-20T00:00:00Z`);
    await maintainLedger(url, { now: NOW, monthsAhead: 0 });
    await record(`${YEAR + 1}-05-20T00:00:00Z`);
    for (const table of ['issuance', `issuance_${YEAR}_05`, 'issuance_other'])
      for (const change of [`UPDATE ${table} SET note = 'x'`, `DELETE FROM ${table}`, `TRUNCATE ${table}`])
        await expect(client.query(change)).rejects.toThrow('append-only');
    await client.query(`SELECT ensure_ledger_partitions('${YEAR}-06-01Z', '${YEAR}-06-02Z')`);
    const made = async (table: string) => {
      const { rows: found } = await client.query(
        `SELECT (SELECT array_agg(to_jsonb(a) - 'attrelid' ORDER BY attnum) FROM pg_attribute a WHERE attrelid = c.oid AND attnum > 0) AS columns,
                (SELECT array_agg(pg_get_indexdef(indexrelid) ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = c.oid) AS indexes,
                (SELECT array_agg(concat_ws(' ', conname, pg_get_constraintdef(oid), conislocal, coninhcount) ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid) AS constraints,
                (SELECT array_agg(concat_ws(' ', pg_get_triggerdef(oid), tgenabled, tgparentid > 0) ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid) AS triggers,
                relowner, relacl, relpersistence
         FROM pg_class c WHERE relname = $1`,
        [table],
      );
      return JSON.stringify(found).replaceAll(table, 'month');
    };
    expect(await made(`issuance_${YEAR}_05`)).toBe(await made(`issuance_${YEAR}_06`));
  });

  it('loses no row and turns none away while others write', async () => {
    await client.query(
      `INSERT INTO issuance (id, user_id, content_id, drm, decision, reason, request_id, decided_at, duration_ms)
       SELECT md5(n::text), 'u', 'c', 'playready', 'denied', 'no-purchase', 'r', $1, 1 FROM generate_series(1, 20000) n`,
      [NOW],
    );
    const maintained = new AbortController();
    const writers = [1, 2, 3].map(async (writer) => {
      const own = new Client({ connectionString: url });
      await own.connect();
      let written = 0;
      try {
        for (; !maintained.signal.aborted; written += 1)
          await own.query(
            `INSERT INTO issuance (id, user_id, content_id, drm, decision, reason, request_id, decided_at, duration_ms)
             VALUES (md5($1), 'u', 'c', 'playready', 'denied', 'no-purchase', 'r', $2, 1)`,
            [`${writer} ${written}`, NOW],
          );
      } finally {
        await own.end();
      }
      return written;
    });
    const report = await maintainLedger(url, { now: NOW, monthsAhead: 2 }).finally(() => maintained.abort());
    const written = (await Promise.all(writers)).reduce((sum, count) => sum + count, 20_000);
    expect(report).toMatchObject({ failed: [], rowsOutsideMonths: 0 });
    const found = await client.query(
      'SELECT count(*)::int AS rows, tableoid::regclass::text AS place FROM issuance GROUP BY 2',
    );
    expect(found.rows).toEqual([{ rows: written, place: `issuance_${YEAR}_05` }]);
  });

  it('leaves alone a month that was detached by hand, and the rows that came for it since', async () => {
    await maintainLedger(url, { now: NOW, monthsAhead: 0 });
    await client.query(`ALTER TABLE issuance DETACH PARTITION issuance_${YEAR}_05`);
    await record(`${YEAR}-05-20T00:00:00Z`);
    const report = await maintainLedger(url, { now: NOW, monthsAhead: 0 });
    const failed = [{ partition: `issuance_${YEAR}_05`, reason: expect.stringContaining('attach it') }];
    expect(report).toMatchObject({ created: [], moved: [], failed, rowsOutsideMonths: 1 });
    // One of the past, kept for a backup, is nobody's fault.
    const later = await maintainLedger(url, { now: new Date(`${YEAR}-06-20T00:00:00Z`), monthsAhead: 0 });
    expect(later.failed).toEqual([]);
  });

  it('says which month could not be made, and makes the others', async () => {
    await client.query(`CREATE TYPE issuance_${YEAR}_06 AS ENUM ()`);
    for (const at of AT) await record(at);
    const report = await maintainLedger(url, { now: NOW, monthsAhead: 2 });
    expect(report.created).toEqual([`issuance_${YEAR}_04`, `issuance_${YEAR}_05`, `issuance_${YEAR}_07`]);
    expect(report.failed).toEqual([
      { partition: `issuance_${YEAR}_06`, reason: `type "issuance_${YEAR}_06" already exists` },
    ]);
    expect(report.rowsOutsideMonths).toBe(1);
    // A maintenance that left something undone does not count as one.
    expect(await noted()).toBeNull();
    await client.query(`DROP TYPE issuance_${YEAR}_06`);
    await maintainLedger(url, { now: NOW, monthsAhead: 2 });
    expect(await noted()).toBe(`ledger:maintain completed at ${NOW.toISOString()}`);
  });

  // Under `faketime` no timer of Postgres's fires, neither this one nor a statement's.
  const isTimeFaked = process.env.FAKETIME !== undefined;
  it.skipIf(isTimeFaked)('gives way to others while the ledger is in use (needs timers of Postgres)', async () => {
    await record(`${YEAR}-05-20T00:00:00Z`);
    await client.query('BEGIN; SELECT FROM issuance');
    const busy = await maintainLedger(url, { now: NOW, monthsAhead: 0, lockTimeoutMs: 20 });
    expect(busy).toMatchObject({ created: [], moved: [], rowsOutsideMonths: 1 });
    expect(busy.failed).toEqual([
      { partition: `issuance_${YEAR}_05`, reason: expect.stringContaining('the ledger was in use') },
    ]);
    await client.query('COMMIT');
    expect((await maintainLedger(url, { now: NOW, monthsAhead: 0 })).moved).toHaveLength(1);
  });
});
