// `entitlementctl doctor` with everything in order, and with one thing after the other broken.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { applyRoles, type RoleNames } from '@app/database';
import { ManualClock } from '@app/clock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../apps/entitlementctl/src/doctor/run-checks.js';
import { LoginUsers } from '../support/login-users.js';
import { TestService } from '../support/test-service.js';
import { ctl, type Outcome } from './command-line.js';
import { serviceVariables } from './service-variables.js';

const users = new LoginUsers();
const roles: RoleNames = { migrate: users.name('migrate'), serve: users.name('serve'), report: users.name('report') };
let service: TestService;
let good: Record<string, string>;

beforeAll(async () => {
  service = await TestService.start();
  users.willDrop(roles.migrate, roles.serve, roles.report);
  await applyRoles(service.database.url, { names: roles });
  good = { ...serviceVariables(service) };
  const serveUrl = new URL(await users.create('server', service.database.url, `IN ROLE ${roles.serve}`));
  serveUrl.host = new URL(good['DATABASE_URL'] ?? '').host;
  good['DATABASE_URL'] = serveUrl.href;
});
afterAll(async () => {
  await service.stop();
  await users.drop();
});

const doctor = (args: string[], env: Record<string, string | undefined> = {}): Promise<Outcome> =>
  ctl(['doctor', ...args], { env: { ...good, ...env } });

/** One check: its status, and what it found and advised. */
async function check(name: string, env: Record<string, string | undefined> = {}, clock?: ManualClock) {
  const { exitCode, stdout } = await ctl(['doctor', '--only', name, '--json'], { env: { ...good, ...env }, clock });
  const report = JSON.parse(stdout) as DoctorReport;
  const [only] = report.checks;
  expect(report.checks).toHaveLength(1);
  expect(exitCode).toBe(only?.status === 'failed' ? 1 : 0);
  const words = (only?.findings ?? [])
    .map(({ looked, found, advice = '' }) => `${looked}: ${found} ${advice}`)
    .join('\n');
  return { status: only?.status, words };
}

describe('with everything in order', () => {
  it('every check is ok, nothing is bought and nothing written', async () => {
    const { exitCode, stdout, stderr } = await doctor(['--json']);
    const { checks } = JSON.parse(stdout) as DoctorReport;
    expect(checks.map(({ name, status }) => [name, status])).toEqual([
      ['configuration', 'ok'],
      ['database', 'ok'],
      ['migrations', 'ok'],
      ['ledger', 'ok'],
      ['keks', 'ok'],
      ['jwks', 'ok'],
      ['expressplay', 'ok'],
      ['authenticator', 'ok'],
      ['clock', 'ok'],
    ]);
    expect([exitCode, stderr]).toEqual([0, '']);
    const answer = await fetch(`${service.emulator.url}/emulator/requests`);
    const requests = (await answer.json()) as { outcome: unknown }[];
    expect(requests).toHaveLength(6);
    expect(requests.filter(({ outcome }) => outcome === 'issued')).toEqual([]);
    expect(await service.ledger()).toEqual([]);
  });

  it('reads well, in colour on a terminal and never with NO_COLOR', async () => {
    const { stdout } = await doctor(['--skip', 'expressplay,authenticator']);
    expect(stdout).toMatch(/^configuration\n {2}ok {7}environment variables: complete and well-formed/);
    expect(stdout).toMatch(/\n7 ok, 0 with warnings, 0 failed, 0 skipped\n$/);
    const args = ['doctor', '--only', 'configuration'];
    expect((await ctl(args, { env: good, terminal: true })).stdout).toContain('\u001b[32mok');
    expect((await ctl(args, { env: { ...good, NO_COLOR: '1' }, terminal: true })).stdout).not.toContain('\u001b');
  });
});

describe('the configuration', () => {
  it('has all of its problems listed, and what does not need them is looked at all the same', async () => {
    const { exitCode, stdout } = await doctor(['--json'], {
      CONTENT_KEY_KEKS: 'nonsense',
      AUTH_JWKS_URL: 'https://issuer.test/jwks.json',
      PORT: 'x',
    });
    const { checks } = JSON.parse(stdout) as DoctorReport;
    expect(exitCode).toBe(1);
    expect(checks[0]?.findings.map(({ looked, status }) => [looked, status])).toEqual([
      ['PORT', 'failed'],
      ['CONTENT_KEY_KEKS', 'failed'],
      ['AUTH_JWKS_URL', 'failed'],
    ]);
    const statuses = Object.fromEntries(checks.map(({ name, status }) => [name, status]));
    expect(statuses).toMatchObject({
      database: 'ok',
      keks: 'skipped',
      jwks: 'skipped',
      authenticator: 'ok',
      clock: 'ok',
    });
    expect(stdout).not.toContain('nonsense');
  });

  it('of the wrong environment is told of, and the authenticator not sent', async () => {
    const authenticator = `production:${good['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR']}`;
    const env = { EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: authenticator };
    expect((await check('configuration', env)).words).toContain('is for the production environment, but');
    expect(await check('authenticator', env)).toMatchObject({ status: 'skipped' });
  });
});

describe('the database', () => {
  it('that cannot be reached fails its checks, naming the variable', async () => {
    await service.wires.postgres.stop();
    try {
      for (const name of ['database', 'migrations', 'ledger', 'keks']) {
        const { status, words } = await check(name);
        expect(status).toBe('failed');
        expect(words).toMatch(/nobody listens at the address of DATABASE_URL/);
      }
    } finally {
      await service.wires.postgres.start();
    }
  });

  it('that takes connections and never answers is given up, each check in its time', async () => {
    await service.wires.postgres.hang();
    try {
      const { status, words } = await check('database', { DATABASE_TIMEOUT_MS: '300' });
      expect(status).toBe('failed');
      expect(words).toContain('does not answer in time');
      const { exitCode, stdout } = await doctor(['--only', 'database', '--timeout', '1'], {
        DATABASE_TIMEOUT_MS: '60000',
      });
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/no answer within 1 s|does not answer in time/);
    } finally {
      await service.wires.postgres.stop();
      await service.wires.postgres.start();
    }
  });

  it('that is not on the server', async () => {
    const url = new URL(good['DATABASE_URL'] ?? '');
    url.pathname = '/nowhere';
    const { status, words } = await check('database', { DATABASE_URL: url.href });
    expect(status).toBe('failed');
    expect(words).toContain('it has no database of this name (3D000)');
    expect(words).not.toContain(url.password);
  });

  it('whose user lacks a right, or has too many', async () => {
    const reporter = new URL(await users.create('reporter', service.database.url, `IN ROLE ${roles.report}`));
    reporter.host = new URL(good['DATABASE_URL'] ?? '').host;
    const lacking = await check('database', { DATABASE_URL: reporter.href });
    expect(lacking.status).toBe('failed');
    expect(lacking.words).toContain('INSERT issuance');
    expect(lacking.words).toContain('EXECUTE reserve_token');
    expect(lacking.words).toContain('db-roles.js');
    const { DATABASE_URL: owner } = serviceVariables(service);
    const superuser = await check('database', { DATABASE_URL: owner });
    expect(superuser).toMatchObject({ status: 'warning', words: expect.stringContaining('superuser') });
  });

  it('with migrations pending, changed, or unknown', async () => {
    const { DATABASE_URL: owner } = serviceVariables(service);
    const state = () => check('migrations', { DATABASE_URL: owner });
    const rows = await service.database.query<{ id: string; migration_name: string; checksum: string }>(
      'SELECT id, migration_name, checksum FROM _prisma_migrations ORDER BY migration_name',
    );
    const last = rows.at(-1)!;
    expect((await state()).words).toContain('are applied, unchanged');
    expect((await check('migrations')).words).toContain('only the migrating user can see');
    const set = (column: string, value: string) =>
      service.database.query(`UPDATE _prisma_migrations SET ${column} = $1 WHERE id = $2`, [value, last.id]);
    await set('checksum', 'x');
    expect(await state()).toMatchObject({ status: 'failed', words: expect.stringContaining('was changed after') });
    await set('checksum', last.checksum);
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

  it('whose content keys need another KEK', async () => {
    const [id, hex] = (good['CONTENT_KEY_KEKS'] ?? '').split('=');
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
});

describe('ExpressPlay', () => {
  it('that is stopped, or something else, fails with what to change', async () => {
    await service.wires.emulator.stop();
    try {
      const stopped = await check('expressplay');
      expect(stopped.status).toBe('failed');
      expect(stopped.words).toMatch(/ECONNREFUSED.*EXPRESSPLAY_BASE_URL/);
      expect((await check('authenticator')).status).toBe('failed');
      expect((await check('clock')).words).toContain('ExpressPlay: it tells no time');
    } finally {
      await service.wires.emulator.start();
    }
    const other = await check('expressplay', { EXPRESSPLAY_BASE_URL: service.url });
    expect(other).toMatchObject({ status: 'failed', words: expect.stringContaining('HTTP 404 without an event code') });
  });

  it('that refuses the authenticator', async () => {
    const { status, words } = await check('authenticator', {
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `201722,${'0'.repeat(32)}`,
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT: good['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR'],
    });
    expect(status).toBe('failed');
    expect(words).toMatch(/EXPRESSPLAY_CUSTOMER_AUTHENTICATOR at playready: refused, -2018/);
    expect(words).toMatch(/EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT at playready: not refused/);
    expect(words).not.toContain('0'.repeat(32));
  });
});

describe('the clock', () => {
  it.each([
    [0, 'ok'],
    [-5, 'warning'],
    [20, 'warning'],
    [40, 'failed'],
  ])('%i s from the others: %s', async (seconds, status) => {
    const clock = new ManualClock(new Date(Date.now() + seconds * 1000));
    // A clock that stands still while questions are asked is that much less exact.
    expect((await check('clock', {}, clock)).status).toBe(status);
  });
});

describe('the keys of bearer tokens', () => {
  it('at a URL: fetched, of no use, or out of reach', async () => {
    let keySet = '{"keys":[]}';
    const issuer = createServer((_, response) => response.end(keySet)).listen(0, '127.0.0.1');
    await once(issuer, 'listening');
    const { port } = issuer.address() as AddressInfo;
    const env = { AUTH_JWKS_FILE: undefined, AUTH_JWKS_URL: `http://127.0.0.1:${port}/jwks.json` };
    expect(await check('jwks', env)).toMatchObject({
      status: 'failed',
      words: expect.stringContaining('AUTH_JWKS_URL'),
    });
    const { exportJWK, generateKeyPair } = await import('jose');
    const { publicKey } = await generateKeyPair('ES256');
    keySet = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256' }] });
    expect(await check('jwks', env)).toMatchObject({
      status: 'ok',
      words: expect.stringContaining('algorithms ES256'),
    });
    expect((await check('jwks', { ...env, AUTH_ALGORITHMS: 'RS256' })).status).toBe('failed');
    issuer.closeAllConnections();
    await new Promise((resolve) => issuer.close(resolve));
    expect(await check('jwks', env)).toMatchObject({
      status: 'failed',
      words: expect.stringContaining('cannot be reached'),
    });
  });
});

it.each([
  [['--only', 'heart'], /^--only: there is no check heart\. Checks: configuration, /],
  [['--only', 'clock', '--skip', 'clock'], /leave no check/],
  [['--timeout', '0'], /^--timeout takes a whole number/],
])('%j is wrong usage', async (args, message) => {
  const { exitCode, stdout, stderr } = await doctor(args);
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
});
