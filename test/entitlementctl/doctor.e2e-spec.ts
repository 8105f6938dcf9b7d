// `entitlementctl doctor` with everything in order, and with one thing after the other broken.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualClock } from '@app/platform/clock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../apps/entitlement/src/cli/doctor/doctor.command.js';
import { ctl } from './command-line.js';
import { ExaminedService } from './examined-service.js';

let examined: ExaminedService;

beforeAll(async () => {
  examined = await ExaminedService.start();
});
afterAll(() => examined.stop());

const check = (...args: Parameters<ExaminedService['check']>) => examined.check(...args);
const doctor = (...args: Parameters<ExaminedService['doctor']>) => examined.doctor(...args);

async function faults(init: RequestInit): Promise<void> {
  const answer = await fetch(`${examined.service.emulator.url}/emulator/faults`, {
    ...init,
    headers: { 'Content-Type': 'application/json' },
  });
  expect(answer.status).toBe(204);
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
    const answer = await fetch(`${examined.service.emulator.url}/emulator/requests`);
    const requests = (await answer.json()) as { outcome: unknown }[];
    expect(requests).toHaveLength(6);
    expect(requests.filter(({ outcome }) => outcome === 'issued')).toEqual([]);
    expect(await examined.service.ledger()).toEqual([]);
  });

  it('reads well, in colour on a terminal and never with NO_COLOR', async () => {
    const { stdout } = await doctor(['--skip', 'expressplay,authenticator']);
    expect(stdout).toMatch(/^configuration\n {2}ok {7}environment variables: complete and well-formed/);
    expect(stdout).toMatch(/\nChecks: 7 ok, 0 with warnings, 0 failed, 0 skipped\n$/);
    const args = ['doctor', '--only', 'configuration'];
    expect((await ctl(args, { env: examined.good, terminal: true })).stdout).toContain('\u001b[32mok');
    expect((await ctl(args, { env: { ...examined.good, NO_COLOR: '1' }, terminal: true })).stdout).not.toContain(
      '\u001b',
    );
  });
});

describe('the configuration', () => {
  it('has all of its problems listed, and what does not need them is looked at all the same', async () => {
    const { exitCode, stdout } = await doctor(['--json'], {
      CONTENT_KEY_KEKS: 'nonsense',
      AUTH_JWKS_URL: 'issuer.test/jwks.json',
      PORT: 'x',
    });
    const { checks } = JSON.parse(stdout) as DoctorReport;
    expect(exitCode).toBe(1);
    expect(checks[0]?.findings.map(({ looked, status }) => [looked, status])).toEqual([
      ['AUTH_JWKS_URL', 'failed'],
      ['PORT', 'failed'],
      ['CONTENT_KEY_KEKS', 'failed'],
    ]);
    const statuses = Object.fromEntries(checks.map(({ name, status }) => [name, status]));
    expect(statuses).toMatchObject({
      database: 'ok',
      keks: 'skipped',
      jwks: 'skipped',
      authenticator: 'ok',
      clock: 'skipped',
    });
    expect(stdout).not.toContain('nonsense');
  });

  it('that keeps from being looked at what was asked for is no success', async () => {
    const DATABASE_URL = 'nonsense';
    for (const args of [
      ['--only', 'database'],
      ['--only', 'clock'],
      ['--skip', 'configuration'],
    ]) {
      const { exitCode, stdout } = await doctor(args, { DATABASE_URL });
      expect([args, exitCode]).toEqual([args, 3]);
      expect(stdout).toContain('not looked at: DATABASE_URL is wrong');
    }
    expect((await doctor(['--only', 'database,configuration'], { DATABASE_URL })).exitCode).toBe(1);
    expect((await doctor(['--only', 'jwks,expressplay'], { DATABASE_URL })).exitCode).toBe(0);
  });

  it('of the wrong environment is told of, and the authenticator not sent', async () => {
    const authenticator = `production:${examined.good['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR']}`;
    const env = { EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: authenticator };
    expect((await check('configuration', env)).words).toContain('is for the production environment, but');
    expect((await doctor(['--only', 'authenticator', '--json'], env)).stdout).toContain('"status": "skipped"');
  });

  it('that asks for no TLS to Postgres is warned of in production', async () => {
    const words = async (DATABASE_URL: string, more: Record<string, string> = {}) => {
      const EXPRESSPLAY_CUSTOMER_AUTHENTICATOR = `production:201722,${'0'.repeat(32)}`;
      const production = {
        EXPRESSPLAY_ENVIRONMENT: 'production',
        EXPRESSPLAY_BASE_URL: undefined,
        EXPRESSPLAY_CUSTOMER_AUTHENTICATOR,
      };
      return (await check('configuration', { ...production, DATABASE_URL, ...more })).words;
    };
    const remote = 'postgresql://bff@postgres.test/bff';
    expect(await words(remote)).toMatch(/^PGSSLMODE: is not set.+Set PGSSLMODE=verify-full/m);
    for (const PGSSLMODE of ['verify-full', 'disable'])
      expect(await words(remote, { PGSSLMODE })).not.toMatch(/PGSSLMODE/);
    for (const more of ['sslmode=verify-full', 'ssl=true'])
      expect(await words(`${remote}?${more}`)).not.toMatch(/PGSSLMODE/);
    for (const host of ['127.0.0.1', '[::1]', 'localhost', '%2Frun%2Fpostgresql'])
      expect(await words(`postgresql://bff@${host}/bff`)).not.toMatch(/PGSSLMODE/);
    for (const url of ['postgresql:///bff?host=postgres.test', 'postgresql://bff@localhost.test/bff'])
      expect(await words(url)).toMatch(/^PGSSLMODE: is not set/m);
  });
});

describe('ExpressPlay', () => {
  it('that is stopped, or something else, fails with what to change', async () => {
    await examined.service.wires.emulator.stop();
    try {
      const stopped = await check('expressplay');
      expect(stopped.status).toBe('failed');
      expect(stopped.words).toMatch(/ECONNREFUSED.*EXPRESSPLAY_BASE_URL/);
      expect((await check('authenticator')).status).toBe('failed');
      expect((await check('clock')).words).toContain('ExpressPlay: it tells no time');
    } finally {
      await examined.service.wires.emulator.start();
    }
    const other = await check('expressplay', { EXPRESSPLAY_BASE_URL: examined.service.url });
    expect(other).toMatchObject({ status: 'failed', words: expect.stringContaining('HTTP 404 without an event code') });
  });

  it('that refuses the authenticator', async () => {
    const { status, words } = await check('authenticator', {
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `201722,${'0'.repeat(32)}`,
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT: examined.good['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR'],
    });
    expect(status).toBe('failed');
    expect(words).toMatch(/EXPRESSPLAY_CUSTOMER_AUTHENTICATOR at playready: refused, -2018/);
    expect(words).toMatch(/EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT at playready: not refused/);
    expect(words).not.toContain('0'.repeat(32));
  });

  it.each([
    ['no tokens left', { kind: 'event', code: -2019 }, 'failed', /-2019: .*Buy tokens for the account/],
    ['a disabled account', { kind: 'event', code: -2031 }, 'failed', /-2031: .*Ask ExpressPlay why/],
    ['its own trouble', { kind: 'event', code: -2030 }, 'warning', /cannot be told.*-2030: .*Wait/],
    [
      'a code that nobody knows',
      { kind: 'event', code: -9876 },
      'warning',
      /-9876.*Ask ExpressPlay what the code means/,
    ],
    ['a service that is not booked', { kind: 'event', code: -5002 }, 'warning', /-5002: .*do not offer/],
  ])('that tells of %s', async (_name, fault, status, words) => {
    await faults({ method: 'PUT', body: JSON.stringify({ service: 'any', times: null, fault }) });
    try {
      expect(await check('authenticator')).toMatchObject({ status, words: expect.stringMatching(words) });
    } finally {
      await faults({ method: 'DELETE', body: '{}' });
    }
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
    const env = { AUTH_JWKS_URL: `http://127.0.0.1:${port}/jwks.json` };
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
