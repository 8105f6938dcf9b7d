// `entitlementctl doctor` and the database: out of reach, with other rights, migrations, ledger and keys than it should have.
import { ManualClock } from '@app/platform/clock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExaminedService } from './examined-service.js';
import { ctl } from './command-line.js';
import { serviceVariables } from './service-variables.js';

let examined: ExaminedService;

beforeAll(async () => {
  examined = await ExaminedService.start();
});
afterAll(() => examined.stop());

const check = (...args: Parameters<ExaminedService['check']>) => examined.check(...args);
const doctor = (...args: Parameters<ExaminedService['doctor']>) => examined.doctor(...args);

describe('the database', () => {
  it('that cannot be reached fails its checks, naming the variable', async () => {
    await examined.service.wires.postgres.stop();
    try {
      for (const name of ['database', 'migrations', 'ledger', 'keks']) {
        const { status, words } = await check(name);
        expect(status).toBe('failed');
        expect(words).toMatch(/nobody listens at the address of DATABASE_URL/);
      }
      const { stdout } = await doctor(['--only', 'database,migrations,ledger,keks']);
      expect(stdout.match(/nobody listens/g)).toHaveLength(1);
      expect(stdout.match(/failed {3}.+: the same as above\n/g)).toHaveLength(3);
    } finally {
      await examined.service.wires.postgres.start();
    }
  });

  it('that takes connections and never answers is given up, each check in its time', async () => {
    await examined.service.wires.postgres.hang();
    try {
      const { status, words } = await check('database', { DATABASE_TIMEOUT_MS: '300' });
      expect(status).toBe('failed');
      expect(words).toContain('does not answer in time');
      const { exitCode, stdout } = await doctor(['--only', 'database', '--timeout', '1'], {
        DATABASE_TIMEOUT_MS: '6000',
      });
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/no answer within 1 s|does not answer in time/);
    } finally {
      await examined.service.wires.postgres.stop();
      await examined.service.wires.postgres.start();
    }
  });

  it('whose sessions are in another zone than was asked for, by a pooler say', async () => {
    examined.service.wires.postgres.tap = async (bytes) => {
      const at = bytes.indexOf('TimeZone\0UTC\0');
      return at < 0 ? true : Buffer.from(bytes).fill('EST', at + 9, at + 12);
    };
    const { status, words } = await check('database');
    examined.service.wires.postgres.tap = undefined;
    expect(status).toBe('failed');
    expect(words).toMatch(/sessions are in time zone EST .* Have the pooler .* keep TimeZone/);
  });

  it('that has no TLS where it is asked for', async () => {
    const { status, words } = await check('database', { PGSSLMODE: 'verify-full' });
    expect(status).toBe('failed');
    expect(words).toMatch(/TLS with it fails, or it offers none.*PGSSLMODE/);
  });

  it('that takes no writes', async () => {
    const { database } = examined.service;
    await database.query(`ALTER DATABASE ${database.name} SET default_transaction_read_only = on`);
    const { status, words } = await check('database');
    await database.query(`ALTER DATABASE ${database.name} RESET default_transaction_read_only`);
    expect([status, words]).toEqual(['failed', expect.stringContaining('takes no writes')]);
  });

  it('that is not on the server', async () => {
    const url = new URL(examined.good['DATABASE_URL'] ?? '');
    url.pathname = '/nowhere';
    const { status, words } = await check('database', { DATABASE_URL: url.href });
    expect(status).toBe('failed');
    expect(words).toContain('it has no database of this name (3D000)');
    expect(words).not.toContain(url.password);
  });

  it('whose user lacks a right, or has too many', async () => {
    const reporter = new URL(
      await examined.users.create('reporter', examined.service.database.url, `IN ROLE ${examined.roles.report}`),
    );
    reporter.host = new URL(examined.good['DATABASE_URL'] ?? '').host;
    const lacking = await check('database', { DATABASE_URL: reporter.href });
    expect(lacking.status).toBe('failed');
    expect(lacking.words).toContain('INSERT issuance');
    expect(lacking.words).toContain('EXECUTE reserve_token');
    expect(lacking.words).toContain('db-roles.js');
    const { database } = examined.service;
    const connect = (name: string) => `GRANT CONNECT ON DATABASE ${database.name} TO ${name}`;
    const stranger = new URL(await examined.users.create('stranger', database.url, '', connect));
    stranger.host = reporter.host;
    expect(await check('database', { DATABASE_URL: stranger.href })).toMatchObject({
      status: 'failed',
      words: expect.stringContaining('the user may not: USAGE ON SCHEMA public'),
    });
    const keys = await check('keks', { DATABASE_URL: stranger.href });
    expect(keys).toMatchObject({
      status: 'failed',
      words: expect.stringContaining('its user may not do this (42501)'),
    });
    const { DATABASE_URL: owner } = serviceVariables(examined.service);
    const superuser = await check('database', { DATABASE_URL: owner });
    expect(superuser).toMatchObject({ status: 'warning', words: expect.stringContaining('superuser') });
  });

  it('with migrations pending, changed, or unknown', async () => {
    const { DATABASE_URL: owner } = serviceVariables(examined.service);
    const state = () => check('migrations', { DATABASE_URL: owner });
    const rows = await examined.service.database.query<{ id: string; migration_name: string; checksum: string }>(
      'SELECT id, migration_name, checksum FROM _prisma_migrations ORDER BY migration_name',
    );
    const last = rows.at(-1)!;
    expect((await state()).words).toContain('are applied, unchanged');
    expect((await check('migrations')).words).toContain('only the migrating user can see');
    const set = (column: string, value: string) =>
      examined.service.database.query(`UPDATE _prisma_migrations SET ${column} = $1 WHERE id = $2`, [value, last.id]);
    await set('checksum', 'x');
    expect(await state()).toMatchObject({ status: 'failed', words: expect.stringContaining('was changed after') });
    await set('checksum', last.checksum);
    await examined.service.database.query(`UPDATE _prisma_migrations SET finished_at = NULL WHERE id = '${last.id}'`);
    const halfWay = await state();
    await examined.service.database.query(`UPDATE _prisma_migrations SET finished_at = now() WHERE id = '${last.id}'`);
    expect(halfWay.status).toBe('failed');
    expect(halfWay.words).toMatch(/failed half way Undo .+ migrate resolve --rolled-back \d{14}_.+npm run db:migrate/);
    expect(halfWay.words).not.toMatch(/pending|Do not go on/);
    await set('migration_name', '29990101000000_later');
    const { status, words } = await state();
    expect(status).toBe('failed');
    expect(words).toContain(`pending: ${last.migration_name}`);
    expect(words).toContain('unknown to this build: 29990101000000_later');
    await set('migration_name', last.migration_name);
  });

  it('whose ledger has no partition for the time to come', async () => {
    const soon = new ManualClock(new Date(Date.now() + 11 * 31 * 86_400_000));
    const late = new ManualClock(new Date(Date.now() + 800 * 86_400_000));
    expect(await check('ledger', {}, soon)).toMatchObject({ status: 'warning' });
    expect(await check('ledger', {}, late)).toMatchObject({
      status: 'failed',
      words: expect.stringContaining('ledger:maintain'),
    });
  });

  it('whose ledger has rows outside of its months, or had some', async () => {
    const { DATABASE_URL: owner } = serviceVariables(examined.service);
    const outside = 'rows lie outside of the months';
    expect((await check('ledger', { DATABASE_URL: owner })).words).not.toContain(outside);
    await examined.service.database.query(
      `INSERT INTO issuance (id, user_id, content_id, drm, offline, decision, reason, persistent, first_play, request_id, decided_at, duration_ms)
       VALUES (repeat('0', 32), 'bob', 'sintel', 'widevine', false, 'denied', 'no-purchase', false, false, 'x', '1999-01-01', 1)`,
    );
    expect(await check('ledger', { DATABASE_URL: owner })).toMatchObject({
      status: 'warning',
      words: expect.stringContaining(outside),
    });
    await examined.service.database.query('ALTER TABLE issuance_other DISABLE TRIGGER USER');
    await examined.service.database.query('DELETE FROM issuance_other');
    await examined.service.database.query('ALTER TABLE issuance_other ENABLE TRIGGER USER');
    expect((await check('ledger', { DATABASE_URL: owner })).words).not.toContain(outside);
    // The serving role cannot look into it.
    expect((await check('ledger')).words).toContain(outside);
    await examined.service.database.query('VACUUM issuance_other');
    expect((await check('ledger')).words).not.toContain(outside);
  });

  it('whose content keys need another KEK', async () => {
    const [id, hex] = (examined.good['CONTENT_KEY_KEKS'] ?? '').split('=');
    expect(await check('keks', { CONTENT_KEY_KEKS: `${id}=${'0'.repeat(32)}` })).toMatchObject({
      status: 'failed',
      words: expect.stringContaining('does not unwrap the key of'),
    });
    const other = await check('keks', { CONTENT_KEY_KEKS: `new=${hex}` });
    expect(other).toMatchObject({ status: 'failed', words: expect.stringContaining('not configured, and 5 title(s)') });
    expect((await check('keks', { CONTENT_KEY_KEKS: `test=${hex},new=${'1'.repeat(32)}` })).words).toContain(
      'unused: new',
    );
  });

  it('whose titles have no key names them', async () => {
    await examined.service.database.query("DELETE FROM content_key WHERE content_id = 'sintel'");
    expect(await check('keks')).toEqual({
      status: 'warning',
      words: expect.stringContaining('titles: without a content key: sintel They cannot be played'),
    });
    const list = () => ctl(['keys', 'list'], { env: serviceVariables(examined.service) });
    expect((await list()).stdout).toMatch(/\nWithout a key, so that they cannot be played: sintel\.\n$/);
    await examined.service.database.query('DELETE FROM content_key');
    await examined.service.database.query(
      `INSERT INTO content SELECT (jsonb_populate_record(c, jsonb_build_object('id', new))).*
       FROM content c, unnest(ARRAY['a', 'b']) AS new WHERE id = 'sintel'`,
    );
    expect((await list()).stdout).toMatch(/cannot be played: a, b, big-buck-bunny, .+, .+ and 2 more\.\n$/);
  });
});
