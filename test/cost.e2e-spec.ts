// What a licence token costs in things that can be counted exactly. What cannot is measured by `npm run bench -- side-by-side`.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Agent } from 'node:http';
import type { Test } from 'supertest';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Schemas } from '@app/api-client';
import type { Passage, TcpProxy } from './support/tcp-proxy.js';
import { TestService } from './support/test-service.js';
import { sellTo, VIEWERS } from './support/viewers.js';
import { TracedService } from './tracing/traced-service.js';

const DRMS = ['playready', 'fairplay', 'widevine'] as const;

/** A line is written when the answer has gone out. */
const PATIENTLY = { timeout: 5000 };

type Drm = Schemas['LicenseTokenRequest']['drm'];

/** What the service sends and writes. */
class Counted {
  /** Messages to Postgres: the letter of the protocol, and with a Bind the statement's name without its hash. */
  readonly messages: string[] = [];
  upstreamCalls = 0;
  /** Bytes of a message that has not come as a whole, by connection. */
  readonly #unread = new Map<number, Buffer>();

  constructor(private readonly service: TestService) {
    service.log.clear();
    service.wires.postgres.tap = async (bytes, passage) => this.#readMessages(bytes, passage);
    service.wires.emulator.tap = async (bytes, { direction }) => {
      if (direction === 'to-server') this.upstreamCalls += bytes.toString('latin1').split('POST /hms/').length - 1;
      return true;
    };
  }

  /** Statements that were run, by their names. */
  get statements(): string[] {
    return this.messages.flatMap((message) => (message.startsWith('B ') ? [message.slice(2)] : []));
  }

  /** Lines in the log, without the emulator's, which writes one to it for each call. */
  get logged(): number {
    const isEmulators = ({ request }: Record<string, unknown>) =>
      (request as { path?: string } | undefined)?.path?.startsWith('/hms/') === true;
    return this.service.log.lines.filter((line) => !isEmulators(line)).length;
  }

  #readMessages(bytes: Buffer, { direction, connection }: Passage): true {
    if (direction === 'to-client') return true;
    let unread = Buffer.concat([this.#unread.get(connection) ?? Buffer.alloc(0), bytes]);
    while (unread.length > 4) {
      // A connection's first message has no letter before its length.
      const letter = unread[0] === 0 ? '' : unread.toString('latin1', 0, 1);
      const end = letter.length + unread.readUInt32BE(letter.length);
      if (end > unread.length) break;
      const [, statement = ''] = unread.toString('latin1', letter.length + 4, end).split('\0');
      this.messages.push(letter === 'B' ? `B ${statement.replace(/_[0-9a-f]{32}$/, '')}` : letter);
      unread = unread.subarray(end);
    }
    this.#unread.set(connection, unread);
    return true;
  }
}

let service: TestService;
beforeAll(async () => {
  service = await TestService.start({
    environment: { LOG_LEVEL: 'info', DATABASE_TIMEOUT_MS: '4000', EXPRESSPLAY_TIMEOUT_MS: '10000' },
  });
  await sellTo(service, VIEWERS);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => service.stop());

async function ask(viewer: string, drm: Drm): Promise<void> {
  const { status } = await service.ask(viewer, { contentId: 'sintel', drm });
  expect(status).toBe(200);
}

/** The messages that have Postgres run a statement which it has prepared: Bind, Describe, Execute, Sync. */
const running = (statement: string) => [`B ${statement}`, 'D', 'E', 'S'];

describe('a token alone takes two statements by their names, one call of ExpressPlay and one log line', () => {
  it.each(
    DRMS.flatMap((drm, index) => [
      { drm, name: 'of what was bought', first: 'viewer-0', second: 'viewer-2', written: 'issuance' },
      {
        drm,
        name: 'that starts a rental',
        first: `viewer-${4 * index + 1}`,
        second: `viewer-${4 * index + 3}`,
        written: 'first_issuance',
      },
    ]),
  )('$drm, $name', async ({ drm, first, second, written }) => {
    // Prepares the statements.
    const before = new Counted(service);
    await ask(first, drm);
    await expect.poll(() => before.logged, PATIENTLY).toBe(1);
    const counted = new Counted(service);
    await ask(second, drm);
    await expect.poll(() => counted.logged, PATIENTLY).toBe(1);
    expect(counted.messages).toEqual([...running('decision'), ...running(written)]);
    expect(counted.upstreamCalls).toBe(1);
  });
});

it('tokens at the same moment share statements, and each has a call of ExpressPlay and a log line of its own', async () => {
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const bearers = await Promise.all(VIEWERS.map((viewer) => service.issuer.token(viewer)));
  const call = async (request: Test, bearer: string) =>
    (await request.agent(agent).set('Authorization', `Bearer ${bearer}`)).status;
  const successes = VIEWERS.map(() => 200);
  // Opens a connection for each, and has their bearers verified.
  const before = new Counted(service);
  const open = bearers.map((bearer) => call(service.http().get('/v1/entitlements'), bearer));
  expect(await Promise.all(open)).toEqual(successes);
  await expect.poll(() => before.logged, PATIENTLY).toBe(VIEWERS.length);

  const counted = new Counted(service);
  answerTogether(service.wires.emulator, VIEWERS.length);
  const body = { contentId: 'sintel', drm: 'widevine' };
  const all = bearers.map((bearer) => call(service.http().post('/v1/license-tokens').send(body), bearer));
  expect(await Promise.all(all)).toEqual(successes);
  await expect.poll(() => counted.logged, PATIENTLY).toBe(VIEWERS.length);
  expect(counted.statements).toEqual(expect.arrayContaining(['decisions', 'issuances', 'first_issuances']));
  expect(counted.statements.length).toBeLessThan(VIEWERS.length / 2);
  expect(counted.upstreamCalls).toBe(VIEWERS.length);
});

/** Holds ExpressPlay's answers until so many calls, each on a connection of its own, have one. */
function answerTogether(wire: TcpProxy, calls: number): void {
  const { tap: count } = wire;
  const answered = new Set<number>();
  let release: (value: true) => void;
  const allAnswered = new Promise<true>((resolve) => (release = resolve));
  wire.tap = async (bytes, passage) => {
    if (passage.direction === 'to-server') return count?.(bytes, passage) ?? true;
    answered.add(passage.connection);
    if (answered.size === calls) release(true);
    return allAnswered;
  };
}

it('nothing goes through AsyncLocalStorage, unless requests are traced', async () => {
  const spies = [vi.spyOn(AsyncLocalStorage.prototype, 'run'), vi.spyOn(AsyncLocalStorage.prototype, 'enterWith')];
  const isUsed = () => spies.some(({ mock }) => mock.calls.length > 0);
  await ask('viewer-0', 'playready');
  expect(isUsed()).toBe(false);
  const traced = await TracedService.start();
  onTestFinished(() => traced.stop());
  await traced.ask('alice', { contentId: 'sintel', drm: 'playready' });
  expect(isUsed()).toBe(true);
});
