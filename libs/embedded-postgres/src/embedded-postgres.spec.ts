import { existsSync } from 'node:fs';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { createDatabase, dropDatabase } from './databases.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';

describe('embedded PostgreSQL', { timeout: 120_000 }, () => {
  it('runs a real server that leaves no folder behind, with databases made and dropped on it', async () => {
    const server = await startEmbeddedPostgres();
    expect(existsSync(server.folder)).toBe(true);

    const client = new Client({ connectionString: await createDatabase(server.url, 'one') });
    await client.connect();
    const { rows } = await client.query<{ database: string; version: number }>(
      `SELECT current_database() AS database, current_setting('server_version_num')::int AS version`,
    );
    expect(rows[0]?.database).toBe('one');
    expect(rows[0]?.version).toBeGreaterThanOrEqual(180_000);
    await client.end();
    await dropDatabase(server.url, 'one');

    const poor = new URL(server.url);
    [poor.username, poor.password] = ['poor', 'secret'];
    const owner = new Client({ connectionString: server.url });
    await owner.connect();
    await owner.query(`CREATE ROLE poor LOGIN PASSWORD 'secret'`);
    await owner.end();
    await expect(createDatabase(poor.href, 'two')).rejects.toThrow(
      /^The user poor of DATABASE_URL may not create databases: run ALTER ROLE poor CREATEDB/,
    );

    await server.stop();
    expect(existsSync(server.folder)).toBe(false);
  });

  it('asks for its password', async () => {
    const server = await startEmbeddedPostgres();
    const url = new URL(server.url);
    url.password = 'wrong';
    const client = new Client({ connectionString: url.href });
    await expect(client.connect()).rejects.toThrow(/password authentication failed/);
    await server.stop();
  });
});
