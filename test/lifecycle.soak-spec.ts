// The compiled service from its start to its end: what it waits for before it is ready, signals, and errors that nobody caught.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { SystemClock } from '@app/platform/clock';
import { startEmulator, type RunningEmulator } from '../apps/expressplay-emulator/src/testing/running-emulator.js';
import { CompiledService, ensureBuilt } from './canary/compiled-service.js';
import { Signal, within } from './support/deadline.js';
import { AUDIENCE, ISSUER, TestIssuer } from './support/issuer.js';
import { TcpProxy } from './support/tcp-proxy.js';
import { TestDatabase } from './support/test-database.js';
import { AUTHENTICATOR } from './support/test-service.js';

/** Longer than a busy machine takes for anything here, in ms. */
const DEADLINE_MS = 30_000;

let issuer: TestIssuer;
let emulator: RunningEmulator;
let database: TestDatabase;
let wires: { emulator: TcpProxy; postgres: TcpProxy };
let service: CompiledService | undefined;

beforeAll(async () => {
  [issuer, emulator, database] = await Promise.all([
    TestIssuer.create(new SystemClock()),
    startEmulator(new Date()),
    TestDatabase.create(),
    ensureBuilt(),
  ]);
  wires = { emulator: await TcpProxy.to(emulator.url), postgres: await TcpProxy.to(database.url) };
}, 120_000);
afterEach(async () => {
  wires.emulator.tap = undefined;
  await service?.kill();
});
afterAll(async () => {
  await Promise.all([wires.emulator.stop(), wires.postgres.stop()]);
  await Promise.all([emulator.close(), database.drop(), issuer.remove()]);
});

function start(changes: Record<string, string> = {}, nodeOptions: readonly string[] = []): CompiledService {
  const databaseUrl = new URL(database.url);
  databaseUrl.host = `127.0.0.1:${wires.postgres.port}`;
  service = new CompiledService(
    {
      NODE_ENV: 'test',
      PATH: process.env.PATH ?? '',
      PORT: '0',
      DATABASE_URL: databaseUrl.href,
      EXPRESSPLAY_BASE_URL: `http://127.0.0.1:${wires.emulator.port}`,
      EXPRESSPLAY_TIMEOUT_MS: '10000',
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: AUTHENTICATOR,
      CONTENT_KEY_KEKS: `test=${inject('kek')}`,
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
      AUTH_JWKS_URL: issuer.jwksUrl,
      SHUTDOWN_DRAIN_SECONDS: '0',
      ...changes,
    },
    nodeOptions,
  );
  return service;
}

async function statusOf(url: string): Promise<number> {
  const answer = await fetch(url);
  await answer.body?.cancel();
  return answer.status;
}

async function ask(url: string, drm = 'playready'): Promise<number> {
  const answer = await fetch(`${url}/v1/license-tokens`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${await issuer.token('alice')}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ contentId: 'sintel', drm }),
  });
  await answer.body?.cancel();
  return answer.status;
}

/** A request that is on its way to ExpressPlay, and stays so until it is let go. */
async function requestInFlight(url: string): Promise<{ answer: Promise<number | string>; held: Signal }> {
  const [reached, held] = [new Signal(), new Signal()];
  void wires.emulator.onceForwarded(async () => {
    reached.raise();
    await held.raised;
  });
  const answer = ask(url).catch((error: Error) => error.message);
  await within(DEADLINE_MS, 'the request reaches ExpressPlay', reached.raised);
  return { answer, held };
}

/** Waits until Postgres has no session of the service. @returns how many have ever ended otherwise than by saying so, while at work or not */
async function brokenSessions(): Promise<number> {
  const left = () =>
    database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'entitlement'`,
    );
  await expect.poll(left, { timeout: DEADLINE_MS }).toEqual([]);
  const [row] = await database.query<{ count: number }>(
    `SELECT (sessions_abandoned + sessions_fatal + sessions_killed)::int AS count
     FROM pg_stat_database WHERE datname = current_database()`,
  );
  return row?.count ?? -1;
}

function ended(process: CompiledService): Promise<number | null> {
  return within(DEADLINE_MS, 'the end', process.ended());
}

describe('starting', () => {
  it('Postgres comes late: not ready, and ready by itself when it is there', async () => {
    await wires.postgres.stop();
    const url = (await start({ DATABASE_TIMEOUT_MS: '500' }).url()) ?? '';
    expect(await statusOf(`${url}/health/ready`)).toBe(503);
    expect(await statusOf(`${url}/health/live`)).toBe(200);
    await wires.postgres.start();
    await expect.poll(() => statusOf(`${url}/health/ready`), { timeout: DEADLINE_MS }).toBe(200);
  });

  it('a signal that comes while Postgres is still waited for ends it in order', async () => {
    const held = new Signal();
    const connected = wires.postgres.onceForwarded(async () => {
      process.signal('SIGTERM');
      await held.raised;
    });
    const process = start({ DATABASE_TIMEOUT_MS: '2000' });
    expect(await ended(process)).toBe(0);
    expect(process.output).not.toMatch(/"level":"(error|fatal)"|listening/);
    held.raise();
    await connected;
  });
});

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s: serves on as not ready, finishes, and ends with 0', async (signal) => {
    const broken = await brokenSessions();
    const process = start({ SHUTDOWN_DRAIN_SECONDS: '4' });
    const url = (await process.url()) ?? '';
    expect(await statusOf(`${url}/health/ready`)).toBe(200);
    const { answer, held } = await requestInFlight(url);
    process.signal(signal);
    await expect.poll(() => statusOf(`${url}/health/ready`), { timeout: DEADLINE_MS }).toBe(503);
    // An identical one would wait for the other's token.
    expect(await ask(url, 'widevine')).toBe(200);
    held.raise();
    expect(await answer).toBe(200);
    expect(await ended(process)).toBe(0);
    expect(await brokenSessions()).toBe(broken);
  });

  it('a second one ends it at once, with a line in the log', async () => {
    const broken = await brokenSessions();
    const process = start();
    const url = (await process.url()) ?? '';
    const { answer, held } = await requestInFlight(url);
    process.signal('SIGTERM');
    // npm passes on what the terminal has sent already: that is no second one.
    process.signal('SIGTERM');
    await delay(1000);
    process.signal('SIGTERM');
    expect(await ended(process)).toBe(143);
    expect(await answer).toBe('fetch failed');
    expect(process.output).toContain('SIGTERM, the second signal: ends at once');
    held.raise();
    // That is what breaking them looks like.
    expect(await brokenSessions()).toBeGreaterThan(broken);
  });
});

it.each(['throw', 'await Promise.reject'])('an error that nobody caught (%s) ends it at once', async (how) => {
  const crash = `process.on('SIGUSR2',async()=>{${how}(new Error('crashed'))})`;
  const process = start({}, [`--import=data:text/javascript,${crash}`]);
  const { answer, held } = await requestInFlight((await process.url()) ?? '');
  process.signal('SIGUSR2');
  expect(await ended(process)).toBe(1);
  expect(await answer).toBe('fetch failed');
  const fatal = process.output.split('\n').filter((line) => line.includes('"level":"fatal"'));
  expect(fatal.map((line) => JSON.parse(line) as object)).toMatchObject([
    { msg: 'uncaught error', err: { message: 'crashed' } },
  ]);
  held.raise();
});
