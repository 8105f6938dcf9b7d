// The compiled service as a process, with secrets in its variables and files, where it fails, refuses to start and crashes.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SystemClock } from '@app/platform/clock';
import { startEmulator, type RunningEmulator } from '../../apps/expressplay-emulator/src/testing/running-emulator.js';
import { AUDIENCE, ISSUER, TestIssuer } from '../support/issuer.js';
import { TestDatabase } from '../support/test-database.js';
import { Caller } from './caller.js';
import { CompiledService, ensureBuilt } from './compiled-service.js';
import { CanarySecrets } from './secrets.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };
/** Makes the process crash on a signal, with an error that a secret hangs on. */
const crashing = (how: 'throw' | 'await Promise.reject') =>
  `--import=data:text/javascript,process.on('SIGUSR2',${how === 'throw' ? '' : 'async'}()=>{${how}(Object.assign(new Error('crashed'),{config:{data:process.env.EXPRESSPLAY_CUSTOMER_AUTHENTICATOR}}))})`;

const secrets = new CanarySecrets();
const caller = new Caller(secrets.finder);
let folder: string;
let issuer: TestIssuer;
let emulator: RunningEmulator;
let database: TestDatabase;
let service: CompiledService | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canary-'));
  [issuer, emulator, database] = await Promise.all([
    TestIssuer.create(new SystemClock()),
    startEmulator(new Date()),
    TestDatabase.create(),
    ensureBuilt(),
  ]);
  await secrets.plant(database);
}, 120_000);
afterEach(async () => {
  await service?.kill();
  service = undefined;
});
afterAll(async () => {
  await Promise.all([emulator.close(), database.drop(), issuer.remove()]);
  await rm(folder, { recursive: true });
});

/** Good ones, of a service at the most verbose level. */
function variables(): Record<string, string> {
  return {
    NODE_ENV: 'test',
    LOG_LEVEL: 'trace',
    PORT: '0',
    DATABASE_URL: database.url,
    DATABASE_TIMEOUT_MS: '1000',
    EXPRESSPLAY_BASE_URL: emulator.url,
    EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: secrets.authenticators[0],
    CONTENT_KEY_KEKS: secrets.keks,
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_JWKS_URL: issuer.jwksUrl,
    SHUTDOWN_DRAIN_SECONDS: '0',
  };
}

function start(more: Record<string, string> = {}, nodeOptions: readonly string[] = []): CompiledService {
  service = new CompiledService({ ...variables(), ...more }, nodeOptions);
  return service;
}

/** Nothing that the process wrote or answered gives a secret away. */
function expectNothingIn({ output }: CompiledService): void {
  expect(output).not.toBe('');
  expect(secrets.finder.find(output)).toEqual([]);
  expect(secrets.finder.find(caller.answers.map(({ text }) => text).join('\n'))).toEqual([]);
}

const unreachable = () => `postgresql://bff:${secrets.databasePassword}@127.0.0.1:9/bff`;

describe('a service that does not start', () => {
  it('because secrets have the wrong format, or stand in the wrong variable', async () => {
    const [authenticator] = secrets.authenticators;
    const wrong = {
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `${authenticator}00`,
      CONTENT_KEY_KEKS: `${secrets.keks}zz`,
      DATABASE_URL: `mysql://bff:${secrets.databasePassword}@127.0.0.1/bff`,
      AUTH_JWKS_URL: `https://bff:${secrets.databasePassword}@127.0.0.1/`,
      EXPRESSPLAY_BASE_URL: `http://127.0.0.1/?customerAuthenticator=${authenticator}`,
      PORT: secrets.kek.toString('hex'),
      LOG_LEVEL: authenticator,
      AUTH_ALGORITHMS: secrets.kek.toString('base64'),
    };
    const process = start(wrong);
    expect(await process.ended()).toBe(1);
    for (const variable of Object.keys(wrong)) expect(process.output).toContain(variable);
    expectNothingIn(process);
  });

  it('because secret files hold something else', async () => {
    const path = join(folder, 'swapped');
    await writeFile(path, `${secrets.authenticators[0]}\n${secrets.keks}\n${unreachable()}`);
    const names = ['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR', 'CONTENT_KEY_KEKS'];
    const process = start(
      Object.fromEntries(
        names.flatMap((name) => [
          [name, ''],
          [`${name}_FILE`, path],
        ]),
      ),
    );
    expect(await process.ended()).toBe(1);
    for (const name of names) expect(process.output).toContain(name);
    expectNothingIn(process);
  });

  it('because its port is taken', async () => {
    const process = start({ PORT: new URL(emulator.url).port });
    expect(await process.ended()).toBe(1);
    expect(process.output).toContain('PORT');
    expectNothingIn(process);
  });
});

describe('a service that runs', () => {
  it('and whose authenticator ExpressPlay refuses', async () => {
    const process = start();
    const url = (await process.url()) ?? '';
    const { status, code } = await caller.ask(url, await issuer.token('alice'), PLAYREADY);
    expect([status, code]).toEqual([502, 'upstream-rejected']);
    process.signal('SIGTERM');
    await process.ended();
    expect(process.output).toContain('-2018');
    expectNothingIn(process);
  });

  it.each([
    ['that is not there', unreachable],
    [
      'that refuses the password',
      () => Object.assign(new URL(database.url), { password: secrets.databasePassword }).href,
    ],
  ])('and its database is one %s', async (_, databaseUrl) => {
    const process = start({ DATABASE_URL: databaseUrl() });
    const url = (await process.url()) ?? '';
    const { status } = await caller.ask(url, await issuer.token('alice'), PLAYREADY);
    expect(status).toBe(503);
    await caller.call(`${url}/health/ready`, await issuer.token('alice'));
    process.signal('SIGTERM');
    await process.ended();
    expectNothingIn(process);
  });

  it('and whose secret files change for the worse', async () => {
    const path = join(folder, 'keks');
    await writeFile(path, secrets.keks);
    const process = start({ CONTENT_KEY_KEKS: '', CONTENT_KEY_KEKS_FILE: path });
    const url = (await process.url()) ?? '';
    await writeFile(path, `${secrets.keks}zz,${secrets.authenticators[0]}`);
    const bearer = await issuer.token('alice');
    const noticed = async () => {
      await caller.ask(url, bearer, PLAYREADY);
      expect(process.output).toContain('CONTENT_KEY_KEKS');
    };
    await vi.waitFor(noticed, { timeout: 20_000, interval: 200 });
    process.signal('SIGTERM');
    await process.ended();
    expectNothingIn(process);
  }, 30_000);

  it.each(['throw', 'await Promise.reject'] as const)('and crashes by %s', async (how) => {
    const process = start({}, [crashing(how)]);
    const url = (await process.url()) ?? '';
    await caller.ask(url, await issuer.token('alice'), PLAYREADY);
    process.signal('SIGUSR2');
    expect(await process.ended()).toBe(1);
    expect(process.output).toMatch(/"level":"fatal".*"message":"crashed"/);
    expectNothingIn(process);
  });
});
