// The tables are in the schema `public`, whatever search_path role and database have.
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { applyMigrations, DatabaseUnavailableError, maintainLedger } from '@app/platform/database';
import { createDatabase, dropDatabase } from '@app/embedded-postgres';
import { Client } from 'pg';
import { PurchaseClient, rental } from '../admin/purchase-client.js';
import { PgBouncer } from '../support/pgbouncer.js';
import { TestService } from '../support/test-service.js';
import { hasTool } from '../support/tools.js';

const DECOYS = ['purchase', 'issuance', 'content', 'token_reservation', '_prisma_migrations'];

/** Has every new session of a database look into another schema first. */
const astray = (name: string) => `
  CREATE SCHEMA app;
  ALTER ROLE CURRENT_USER IN DATABASE ${name} SET search_path = app, public`;

describe.each([
  ['', true],
  [' by way of PgBouncer (needs pgbouncer)', hasTool('pgbouncer')],
] as const)('the service%s', (way, isHere) => {
  let pooler: PgBouncer | undefined;
  let service: TestService;
  let store: PurchaseClient;

  beforeEach(async () => {
    if (!isHere) return;
    pooler = way === '' ? undefined : await PgBouncer.start({ server: inject('serverUrl') });
    service = await TestService.start(pooler === undefined ? {} : { pooler });
    await service.database.query(astray(service.database.name));
    for (const table of DECOYS) await service.database.query(`CREATE TABLE app.${table} (LIKE public.${table})`);
    await service.database.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    service.wires.postgres.cut();
    store = await PurchaseClient.of(service);
  });
  afterEach(async () => {
    await service?.stop();
    await pooler?.stop();
  });

  it.skipIf(!isHere)('reads and writes the tables of public, and no others', async () => {
    // What a client of a pooler leaves on a connection that the service then gets.
    const other = new Client({ connectionString: pooler?.url(service.database.name) ?? service.database.url });
    await other.connect();
    for (const table of DECOYS) await other.query(`CREATE TEMP TABLE ${table} (LIKE public.${table})`);
    await other.end();
    expect((await store.put('order-1001', rental({ userId: 'frank' }))).status).toBe(201);
    const { status } = await service.ask('frank', { contentId: 'sintel', drm: 'playready' });
    expect(status).toBe(200);
    expect((await service.http().get('/health/ready')).status).toBe(200);
    const count = async (table: string) => (await service.database.query(`SELECT FROM ${table}`)).length;
    expect(await count('public.issuance')).toBe(1);
    for (const table of DECOYS) expect([table, await count(`app.${table}`)]).toEqual([table, 0]);
  });
});

describe('migrations and the maintenance of the ledger', () => {
  const name = `schemas_${process.pid}`;
  let url: string;

  beforeEach(async () => {
    url = await createDatabase(inject('serverUrl'), name);
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(astray(name));
    await client.end();
    return () => dropDatabase(inject('serverUrl'), name);
  });

  it('make their tables in public', async () => {
    await applyMigrations(`${url}?options=-c%20search_path%3Dapp`);
    await maintainLedger(url, { now: new Date('2040-01-15T00:00:00Z'), monthsAhead: 1 });
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query(
      `SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    await client.end();
    expect(rows).toEqual([{ schemaname: 'public' }]);
  });

  it.skipIf(!hasTool('pgbouncer'))('are refused where a pooler keeps that from them (needs pgbouncer)', async () => {
    const pooler = await PgBouncer.start({ server: inject('serverUrl') });
    const refused = /look into the schema app first.*search_path/s;
    await expect(applyMigrations(pooler.url(name))).rejects.toThrow(refused);
    await expect(applyMigrations(pooler.url(name))).rejects.toThrow(DatabaseUnavailableError);
    await pooler.stop();
  });
});
