import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { decisionQuery, decisionsQuery } from '../apps/entitlement/src/entitlements/decision.query.js';
import { candidateTitlesQuery } from '../apps/entitlement/src/entitlements/entitlements.repository.js';
import { largeTables, readsAll, scansOf, type Statement } from '../bench/support/query-plan.js';
import { generate } from '../prisma/seed/generate.js';
import { TestDatabase } from './support/test-database.js';

const AT = new Date(inject('seededAt'));
const QUESTION = { userId: 'user-1', contentId: 'generated-1' };
const KEK = { id: 'test', kek: randomBytes(16) };

describe('what the service asks the database is answered by indexes', () => {
  let database: TestDatabase;
  let client: Client;
  /** The tables of more than a page that a statement reads from end to end. */
  const readWhole = async (statement: Statement) => {
    const scans = await scansOf(client, statement);
    const large = await largeTables(
      client,
      scans.map(({ table }) => table),
    );
    return scans.filter((scan) => readsAll(scan) && large.has(scan.table)).map(({ table }) => table);
  };

  beforeAll(async () => {
    database = await TestDatabase.create();
    await generate(
      database.url,
      { purchases: 20_000, users: 500, contents: 2000, seed: 1, at: AT },
      KEK,
      () => undefined,
    );
    client = new Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it('a decision', async () => {
    expect(await readWhole(decisionQuery(QUESTION))).toEqual([]);
    const tables = (await scansOf(client, decisionQuery(QUESTION))).map(({ table, index }) => [table, index]);
    expect(tables).toContainEqual(['purchase', 'purchase_user_id_content_id_idx']);
    expect(tables).toContainEqual(['content', 'content_pkey']);
  });

  it('a decision that reserves a token', async () => {
    const limits = { windowSeconds: 3600, perUser: 200, perTitle: 50, reservationSeconds: 13 };
    const reservation = { issuanceId: randomBytes(16).toString('hex'), at: AT, limits };
    expect(await readWhole(decisionQuery({ ...QUESTION, reservation }))).toEqual([]);
  });

  it('the end of a reservation, also while few are reserved', async () => {
    await client.query('VACUUM ANALYZE token_reservation');
    await client.query('BEGIN');
    // From the sixth time on a plan may be kept.
    for (let time = 0; time < 10; time += 1) {
      await client.query("SELECT end_reservations(ARRAY[repeat('a', 32)::char(32)])");
    }
    const scans = `SELECT seq_scan::int AS whole, idx_scan >= 10 AS by_index FROM pg_stat_xact_user_tables WHERE relname = 'token_reservation'`;
    const { rows } = await client.query(scans);
    await client.query('ROLLBACK');
    expect(rows).toEqual([{ whole: 0, by_index: true }]);
  });

  it('decisions that are taken together, each by its user and title', async () => {
    const questions = Array.from({ length: 16 }, (_, n) => ({ userId: `user-${n}`, contentId: `generated-${n}` }));
    const scans = await scansOf(client, decisionsQuery(questions));
    const indexesOf = (name: string) => scans.filter(({ table }) => table === name).map(({ index }) => index);
    expect(indexesOf('purchase')).toEqual(['purchase_user_id_content_id_idx']);
    expect(indexesOf('content')).toEqual(['content_pkey']);
  });

  it("a page of a viewer's titles", async () => {
    const statement = candidateTitlesQuery({ userId: 'user-1', at: AT, after: 'generated-2', limit: 51 });
    expect(await readWhole(statement)).toEqual([]);
    expect(await scansOf(client, statement)).toContainEqual(
      expect.objectContaining({ table: 'purchase', index: 'purchase_user_id_content_id_idx' }),
    );
  });

  it('and a statement that reads a whole table is found out, also within a function', async () => {
    const text = 'SELECT count(*) FROM purchase WHERE play_duration_seconds = $1';
    expect(await readWhole({ text, values: [1] })).toEqual(['purchase']);
    await client.query(`CREATE FUNCTION hidden() RETURNS bigint LANGUAGE plpgsql AS
      'BEGIN RETURN (SELECT count(*) FROM purchase WHERE play_duration_seconds = 1); END'`);
    expect(await readWhole({ text: 'SELECT hidden()', values: [] })).toEqual(['purchase']);
  });

  it('looking leaves nothing behind', async () => {
    await scansOf(client, { text: `DELETE FROM purchase WHERE external_id = 'generated-1'`, values: [] });
    expect(await database.query(`SELECT user_id FROM purchase WHERE external_id = 'generated-1'`)).toHaveLength(1);
  });
});
