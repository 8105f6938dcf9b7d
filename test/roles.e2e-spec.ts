import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Client } from 'pg';
import { applyMigrations, applyRoles, maintainLedger, type RoleNames } from '@app/platform/database';
import { databaseUrl } from '@app/embedded-postgres';
import { LoginUsers } from './support/login-users.js';
import { TestDatabase } from './support/test-database.js';
import { TestService } from './support/test-service.js';

const users = new LoginUsers();
const names: RoleNames = { migrate: users.name('migrate'), serve: users.name('serve'), report: users.name('report') };
const REFUSED = /permission denied|must be owner|must be superuser|must have/;
const ISSUANCE = `(id, user_id, content_id, drm, decision, reason, request_id, decided_at, duration_ms)
  VALUES (md5(random()::text), 'u', 'c', 'playready', 'denied', 'no-purchase', 'r', now(), 1)`;
const RESERVE =
  "SELECT reserve_token(repeat('a', 32)::char(32), 'alice', 'sintel', now(), '1 hour', 10, 5, '1 minute')";

let database: TestDatabase;
let serveUrl: string;
let reportUrl: string;

beforeAll(async () => {
  database = await TestDatabase.create();
  users.willDrop(names.migrate, names.serve, names.report);
  await applyRoles(database.url, { names });
  serveUrl = await users.create('server', database.url, `IN ROLE ${names.serve}`);
  reportUrl = await users.create('reporter', database.url, `IN ROLE ${names.report}`);
});
afterAll(async () => {
  await database.drop();
  await users.drop();
});

/** Runs a statement as a user, in a transaction that is taken back. */
async function attempt(url: string, sql: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(sql);
    return 'done';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end();
  }
}

describe('the serving role', () => {
  it('is all that the service needs', async () => {
    const service = await TestService.start({ environment: { DATABASE_URL: serveUrl } });
    try {
      expect((await service.http().get('/health/ready')).status).toBe(200);
      const first = await service.ask('bob', { contentId: 'sintel', drm: 'playready' });
      expect(first.body).toMatchObject({ rights: { type: 'rental' } });
      expect((await service.ask('alice', { contentId: 'sintel', drm: 'fairplay' })).status).toBe(200);
      expect((await service.ask('frank', { contentId: 'sintel', drm: 'playready' })).body.reason).toBe('no-purchase');
    } finally {
      await service.stop();
    }
    const rows = await database.query('SELECT user_id, decision, first_play FROM issuance ORDER BY user_id');
    expect(rows).toEqual([
      { user_id: 'alice', decision: 'granted', first_play: false },
      { user_id: 'bob', decision: 'granted', first_play: true },
      { user_id: 'frank', decision: 'denied', first_play: false },
    ]);
  });

  it.each([
    ['read the ledger', 'SELECT * FROM issuance'],
    ['add to the ledger', `INSERT INTO issuance ${ISSUANCE}`],
    ['reserve a token', RESERVE],
    ['release a token', 'DELETE FROM token_reservation'],
    ['start a rental', "UPDATE purchase SET first_play_at = now() WHERE user_id = 'bob' AND first_play_at IS NULL"],
    [
      'revoke a purchase',
      "UPDATE purchase SET revoked_at = now(), revocation_reason = 'refund' WHERE revoked_at IS NULL",
    ],
    ['replace a key', "UPDATE content_key SET ek = ek, kek_id = 'other'"],
    ['change a title', "UPDATE content SET title = 'other', version = version + 1"],
    ['hold a title in place', 'SELECT id FROM content FOR KEY SHARE'],
    ['change a policy', 'UPDATE output_policy SET offline_allowed = false'],
    [
      'keep an early revocation',
      "INSERT INTO early_revocation (external_id, version, received_at) VALUES ('x', 1, now())",
    ],
    ['take an early revocation over', 'DELETE FROM early_revocation'],
  ])('may %s', async (_what, sql) => {
    expect(await attempt(serveUrl, sql)).toBe('done');
  });

  it.each([
    // The ledger's past.
    ['change the ledger', "UPDATE issuance SET user_id = 'nobody'"],
    ['change one column of it', 'UPDATE issuance SET note = NULL'],
    ['delete from it', 'DELETE FROM issuance'],
    ['empty it', 'TRUNCATE issuance'],
    ['lock its rows', 'SELECT FROM issuance FOR UPDATE'],
    ['keep others from it', 'LOCK TABLE issuance IN ACCESS EXCLUSIVE MODE'],
    ['write past it into a partition', `INSERT INTO issuance_other ${ISSUANCE}`],
    ['change a partition', "UPDATE issuance_other SET user_id = 'nobody'"],
    ['delete from a partition', 'DELETE FROM issuance_other'],
    ['empty a partition', 'TRUNCATE issuance_other'],
    ['drop a partition', 'DROP TABLE issuance_other'],
    ['detach a partition', 'ALTER TABLE issuance DETACH PARTITION issuance_other'],
    ['make partitions', "SELECT ensure_ledger_partitions(now(), now() + INTERVAL '10 years')"],
    ['switch its triggers off', 'ALTER TABLE issuance DISABLE TRIGGER ALL'],
    ['switch triggers off for a session', 'SET session_replication_role = replica'],
    // The schema.
    ['make a table', 'CREATE TABLE rogue (id int)'],
    ['make a temporary table', 'CREATE TEMPORARY TABLE rogue (id int)'],
    ['make a schema', 'CREATE SCHEMA rogue'],
    ['make a function', "CREATE FUNCTION rogue() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
    [
      'replace a function',
      "CREATE OR REPLACE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
    ],
    ['add a column', 'ALTER TABLE purchase ADD COLUMN rogue int'],
    ['drop a constraint', 'ALTER TABLE purchase DROP CONSTRAINT purchase_version_check'],
    ['add a trigger', 'CREATE TRIGGER rogue BEFORE INSERT ON issuance EXECUTE FUNCTION refuse_ledger_change()'],
    ['drop a table', 'DROP TABLE token_reservation'],
    ['rename a type', 'ALTER TYPE drm RENAME TO rogue'],
    // What a purchase, a title and a key are about.
    ['remove a purchase', 'DELETE FROM purchase'],
    ['give a purchase another order', "UPDATE purchase SET external_id = 'other'"],
    ['remove a title', 'DELETE FROM content'],
    ['give a title another id', "UPDATE content SET id = 'other'"],
    ['give a key another title', "UPDATE content_key SET content_id = 'other'"],
    ['remove a policy', 'DELETE FROM output_policy'],
    ['move a reservation', 'UPDATE token_reservation SET reserved_at = now()'],
    // What it does not need.
    ["read a migration's checksum", 'SELECT checksum FROM _prisma_migrations'],
    ['forge a migration', "UPDATE _prisma_migrations SET checksum = 'x'"],
    ['read password hashes', 'SELECT * FROM pg_authid'],
    ['read files', "SELECT pg_read_file('/etc/hostname')"],
    ['run programs', "COPY (SELECT 1) TO PROGRAM 'cat'"],
    // More rights.
    ['become the migrating role', `SET ROLE ${names.migrate}`],
    ['make another user a member of itself', `GRANT ${names.serve} TO ${users.name('reporter')}`],
    ['make a role', `CREATE ROLE ${users.name('rogue')}`],
    ['make itself a member', `GRANT ${names.migrate} TO CURRENT_USER`],
  ])('may not %s', async (_what, sql) => {
    expect(await attempt(serveUrl, sql)).toMatch(REFUSED);
  });
});

describe('the reporting role', () => {
  it.each([
    ['read the ledger', 'SELECT * FROM issuance'],
    ['read purchases', 'SELECT * FROM purchase'],
    ['read early revocations', 'SELECT * FROM early_revocation'],
    ['read titles', 'SELECT id, title, available_from, withdrawn_at FROM content'],
    [
      'bring them together',
      'SELECT c.title, count(*) FROM issuance i JOIN content c ON c.id = i.content_id GROUP BY c.title',
    ],
  ])('may %s', async (_what, sql) => {
    expect(await attempt(reportUrl, sql)).toBe('done');
  });

  it.each([
    ['read wrapped keys', 'SELECT ek FROM content_key'],
    ['count keys', 'SELECT count(*) FROM content_key'],
    ['read all about a title', 'SELECT * FROM content'],
    ['read an IV', 'SELECT iv FROM content_key'],
    ['read policies', 'SELECT * FROM output_policy'],
    ['read reservations', 'SELECT * FROM token_reservation'],
    ['reserve a token', RESERVE],
    ['read migrations', 'SELECT * FROM _prisma_migrations'],
    ['read a partition', 'SELECT * FROM issuance_other'],
    ['add to the ledger', `INSERT INTO issuance ${ISSUANCE}`],
    ['delete from the ledger', 'DELETE FROM issuance'],
    ['empty the ledger', 'TRUNCATE issuance'],
    ['change a purchase', 'UPDATE purchase SET revoked_at = NULL'],
    ['lock purchases', 'SELECT FROM purchase FOR UPDATE'],
    ['make a table', 'CREATE TABLE rogue (id int)'],
    ['make a temporary table', 'CREATE TEMPORARY TABLE rogue (id int)'],
    ['become the serving role', `SET ROLE ${names.serve}`],
  ])('may not %s', async (_what, sql) => {
    expect(await attempt(reportUrl, sql)).toMatch(REFUSED);
  });
});

describe('a user in none of the roles', () => {
  it('may not even connect', async () => {
    const client = new Client({ connectionString: await users.create('stranger', database.url) });
    await expect(client.connect()).rejects.toThrow('permission denied for database');
  });
});

describe('making the roles', () => {
  const empty = users.name('empty');
  const emptyUrl = databaseUrl(inject('serverUrl'), empty);
  afterAll(() => database.query(`DROP DATABASE IF EXISTS ${empty} WITH (FORCE)`));

  it('knows every table there is, and finds nothing to do a second time', async () => {
    expect(await applyRoles(database.url, { names })).toEqual({ done: [], unlisted: [], absent: [] });
  });

  it('takes back what was given past it', async () => {
    await database.query(`GRANT UPDATE (note), DELETE ON issuance TO ${names.serve}`);
    await database.query(`GRANT ALL ON issuance_other, content_key TO ${names.report}, PUBLIC`);
    await database.query('GRANT CREATE ON SCHEMA public TO PUBLIC');
    expect((await applyRoles(database.url, { names, dryRun: true })).done).toHaveLength(6);
    expect((await applyRoles(database.url, { names })).done).toHaveLength(6);
    expect((await applyRoles(database.url, { names })).done).toEqual([]);
  });

  it('is done with privileges on columns where one on the whole table is taken back', async () => {
    await database.query(`GRANT SELECT ON content TO ${names.report}`);
    await applyRoles(database.url, { names });
    expect(await attempt(reportUrl, 'SELECT title FROM content')).toBe('done');
    expect(await attempt(reportUrl, 'SELECT iv FROM content_key')).toMatch(REFUSED);
  });

  it('serves an owner who is no superuser, before the first migration and, from then on, the migrating user', async () => {
    const owner = await users.create('owner', emptyUrl, 'CREATEROLE');
    await database.query(`CREATE DATABASE ${empty} OWNER ${users.name('owner')}`);
    const others = { migrate: users.name('m2'), serve: users.name('s2'), report: users.name('r2') };
    users.willDrop(...Object.values(others));
    expect((await applyRoles(owner, { names: others })).absent).toContain('issuance');

    const asMigrate = (name: string) => `ALTER ROLE ${name} SET role TO ${others.migrate}`;
    const migrator = await users.create('migrator', emptyUrl, `IN ROLE ${others.migrate}`, asMigrate);
    await applyMigrations(migrator);
    const report = await applyRoles(migrator, { names: others });
    expect(report).toMatchObject({ unlisted: [], absent: [] });
    expect(report.done.filter((statement) => !/^(?:GRANT|REVOKE) .* ON (?:TABLE|FUNCTION) /.test(statement))).toEqual(
      [],
    );
    const server = await users.create('server2', emptyUrl, `IN ROLE ${others.serve}`);
    const late = `INSERT INTO issuance ${ISSUANCE.replace('now()', "'2040-01-15Z'")}; COMMIT`;
    expect(await attempt(server, late)).toBe('done');
    const maintenance = { now: new Date('2040-01-15T00:00:00Z'), monthsAhead: 0 };
    await expect(maintainLedger(server, maintenance)).rejects.toThrow(`Run this as ${others.migrate}`);
    expect(await maintainLedger(migrator, maintenance)).toMatchObject({
      moved: [{ partition: 'issuance_2040_01', rows: 1 }],
      failed: [],
    });
    expect((await applyRoles(migrator, { names: others })).done).toEqual([]);

    expect(await attempt(server, `INSERT INTO issuance ${ISSUANCE}`)).toBe('done');
    expect(await attempt(server, 'SELECT * FROM issuance_2040_01')).toMatch(REFUSED);
    // Even the owner of the ledger does not rewrite it by accident, nor is it more than an owner.
    expect(await attempt(migrator, `INSERT INTO issuance ${ISSUANCE}; DELETE FROM issuance`)).toMatch(/append-only/);
    expect(await attempt(migrator, `CREATE ROLE ${users.name('rogue')}`)).toMatch(REFUSED);
    expect(await attempt(migrator, 'CREATE FUNCTION later() RETURNS int LANGUAGE sql AS $$SELECT 1$$; COMMIT')).toBe(
      'done',
    );
    expect(await attempt(server, 'SELECT later()')).toMatch(REFUSED);
  });

  it('takes over the tables of an owner who migrated before there were roles', async () => {
    expect(
      await database.query(
        `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner <> '${names.migrate}'::regrole`,
      ),
    ).toEqual([]);
  });

  it('on two databases at the same time', async () => {
    const [one, two] = await Promise.all([TestDatabase.create(), TestDatabase.create()]);
    const shared = { migrate: users.name('m3'), serve: users.name('s3'), report: users.name('r3') };
    users.willDrop(...Object.values(shared));
    try {
      const reports = await Promise.all([one, one, two].map(({ url }) => applyRoles(url, { names: shared })));
      expect(
        reports.flatMap(({ done }) => done).filter((statement) => statement.startsWith('CREATE ROLE')),
      ).toHaveLength(3);
      for (const { url } of [one, two]) expect((await applyRoles(url, { names: shared })).done).toEqual([]);
    } finally {
      await Promise.all([one.drop(), two.drop()]);
    }
  });

  it('says what to have done where roles may not be made, and changes nothing', async () => {
    const humble = await users.create('humble', emptyUrl);
    const others = { migrate: users.name('m4'), serve: users.name('s4'), report: users.name('r4') };
    await database.query(`GRANT CONNECT ON DATABASE ${empty} TO ${users.name('humble')}`);
    await expect(applyRoles(humble, { names: others })).rejects.toThrow(`CREATE ROLE "${others.migrate}" NOLOGIN;`);
    await expect(applyRoles(humble, { names })).rejects.toThrow(/permission denied|no member|admin option/);
    await database.query(`REVOKE CONNECT ON DATABASE ${empty} FROM ${users.name('humble')}`);
  });

  it.each([
    ['is a superuser', 'SUPERUSER', 'is a superuser'],
    ['is a member of another role', 'IN ROLE pg_write_all_data', 'is a member of pg_write_all_data'],
  ])('refuses a serving role that %s', async (_what, options, words) => {
    const serve = users.name(options.length.toString());
    await database.query(`CREATE ROLE ${serve} ${options}`);
    users.willDrop(serve);
    await expect(applyRoles(database.url, { names: { ...names, serve } })).rejects.toThrow(`${serve} ${words}`);
  });

  it('refuses one name for two roles', async () => {
    await expect(applyRoles(database.url, { names: { ...names, serve: names.migrate } })).rejects.toThrow(
      'three names',
    );
  });
});
