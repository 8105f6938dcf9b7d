import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client } from 'pg';
import { applyMigrations } from '@app/platform/database';
import { createDatabase, databaseServer, dropDatabase, type DatabaseServer } from '@app/embedded-postgres';
import { schemaDiff } from './schema-diff.js';

const name = `schema_diff_${process.pid}`;
let server: DatabaseServer;
let url: string;

beforeAll(async () => {
  server = await databaseServer(process.env.DATABASE_URL);
  url = await createDatabase(server.url, name);
}, 120_000);
afterAll(async () => {
  await dropDatabase(server.url, name);
  await server.stop();
});

it('tells what is missing from an empty database, nothing after the migrations, and a rogue column', async () => {
  expect(await schemaDiff(url)).toContain('CREATE TABLE "issuance"');

  await applyMigrations(url);
  expect(await schemaDiff(url)).toBe('');

  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('ALTER TABLE content ADD COLUMN rogue text');
  await client.end();
  expect(await schemaDiff(url)).toContain('DROP COLUMN "rogue"');
}, 60_000);
