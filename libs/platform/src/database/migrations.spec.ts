import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Client } from 'pg';
import { createDatabase, databaseServer, dropDatabase, type DatabaseServer } from '@app/embedded-postgres';
import {
  appliedMigrations,
  applyMigrations,
  MigrationFailedError,
  MigrationHistoryError,
  pendingMigrations,
  readMigrations,
} from './migrations.js';

const file = (name: string, sql: string) => ({ name, sql, checksum: name.padEnd(64, '0') });

describe('applyMigrations', () => {
  const name = `migrations_${process.pid}`;
  let server: DatabaseServer;
  let url: string;

  beforeAll(async () => {
    server = await databaseServer(process.env.DATABASE_URL);
  }, 120_000);
  afterAll(() => server.stop());

  beforeEach(async () => {
    await dropDatabase(server.url, name);
    url = await createDatabase(server.url, name);
    return () => dropDatabase(server.url, name);
  });

  const inDatabase = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };

  it('applies the checked-in migrations once, and records them as Prisma does', async () => {
    const files = await readMigrations();
    expect(await applyMigrations(url)).toEqual(files.map((migration) => migration.name));
    expect(await applyMigrations(url)).toEqual([]);
    expect(await inDatabase(appliedMigrations)).toEqual(
      files.map(({ name: migration, checksum }) => ({ name: migration, checksum, finished: true, rolledBack: false })),
    );
  });

  it('lets many runners start at once and applies each migration once', async () => {
    const applied = await Promise.all([1, 2, 3, 4].map(() => applyMigrations(url)));
    expect(applied.flat().sort()).toEqual((await readMigrations()).map((migration) => migration.name));
  });

  it('keeps nothing of a migration that fails, and says which', async () => {
    const good = file('1_good', 'CREATE TABLE good (id int)');
    const bad = file('2_bad', 'CREATE TABLE half (id int); SELECT no_such_function()');
    await expect(applyMigrations(url, { files: [good, bad] })).rejects.toThrow(MigrationFailedError);
    await expect(applyMigrations(url, { files: [good, bad] })).rejects.toThrow(/2_bad.*no_such_function/);
    const tables = await inDatabase((client) =>
      client.query<{ name: string }>(`SELECT relname AS name FROM pg_class WHERE relname IN ('good', 'half')`),
    );
    expect(tables.rows).toEqual([{ name: 'good' }]);
  });

  it('says who may migrate to a user who may not', async () => {
    await inDatabase((client) => client.query(`CREATE ROLE ${name} LOGIN PASSWORD 'poor'`));
    const poor = new URL(url);
    [poor.username, poor.password] = [name, 'poor'];
    await expect(applyMigrations(poor.href)).rejects.toThrow(
      /^The user of DATABASE_URL may not change the schema \(permission denied for schema public\)\. Migrate as the owner/,
    );
    await inDatabase((client) => client.query(`DROP ROLE ${name}`));
  });
});

const listed = (name: string, checksum = 'sum') => ({ name, checksum, sql: '' });
const row = (name: string, more = {}) => ({ name, checksum: 'sum', finished: true, rolledBack: false, ...more });

describe('pendingMigrations', () => {
  it.each([
    ['nothing applied', [listed('1'), listed('2')], [], ['1', '2']],
    ['one applied', [listed('1'), listed('2')], [row('1')], ['2']],
    ['all applied', [listed('1')], [row('1')], []],
    ['a failed one that was rolled back', [listed('1')], [row('1', { finished: false, rolledBack: true })], ['1']],
  ])('%s', (_name, files, applied, pending) => {
    expect(pendingMigrations(files, applied).map(({ name }) => name)).toEqual(pending);
  });

  it('names every changed, failed and unknown migration', () => {
    const applied = [row('1', { checksum: 'other' }), row('2', { finished: false }), row('3')];
    expect(() => pendingMigrations([listed('1'), listed('2')], applied)).toThrow(MigrationHistoryError);
    expect(() => pendingMigrations([listed('1'), listed('2')], applied)).toThrow(
      /1 was changed after it was applied; 2 failed half way; 3 is applied but not among the files/,
    );
  });
});
