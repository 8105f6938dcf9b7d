// The budget of a request: what is cancelled when the player hangs up or the time is up, and what is not.
import { PrismaService, withSession } from '@app/platform/database';
import { afterEach, describe, expect, it } from 'vitest';
import { ExpressPlay } from '../apps/entitlement/src/license-tokens/expressplay.js';
import { InFlight } from '../apps/entitlement/src/overload.js';
import { PurchaseClient, rental } from './admin/purchase-client.js';
import { within } from './support/deadline.js';
import { exchange, raw } from './support/raw-http.js';
import { TestService, type TestServiceOptions } from './support/test-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };
const PATIENTLY = { timeout: 20_000 };
/** Much longer than any deadline of these tests, in ms. */
const MOST_MS = 30_000;

let service: TestService;
afterEach(() => service.stop());

async function start(options: TestServiceOptions = {}): Promise<void> {
  service = await TestService.start(options);
  // Opens a connection and has the bearers' keys read.
  await service.client('grace').GET('/v1/entitlements');
  await expect.poll(() => service.log.lines.some(({ msg }) => msg === 'request completed'), PATIENTLY).toBe(true);
  service.log.clear();
}

/** A player who asks for a token, and may hang up. */
async function player(user: string, body: object = PLAYREADY) {
  const line = new AbortController();
  const answer = fetch(`${service.url}/v1/license-tokens`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${await service.issuer.token(user)}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: line.signal,
  }).then(async (response) => ({ status: response.status, body: (await response.json()) as Record<string, unknown> }));
  answer.catch(() => undefined);
  return {
    answer,
    /** Hangs up; settles when the service has noticed. */
    hangUp: async () => {
      const before = aborted();
      line.abort();
      await expect.poll(aborted, PATIENTLY).toBe(before + 1);
    },
  };
}

const aborted = () => service.log.lines.filter(({ msg }) => msg === 'request aborted').length;
const inFlight = () => service.app.get(InFlight).count;
const atRest = async () => {
  await expect.poll(inFlight, PATIENTLY).toBe(0);
};
const reservations = () => service.database.query('SELECT FROM token_reservation');
const rows = async (...users: string[]) =>
  (await service.ledger())
    .filter(({ user_id: user }) => users.includes(user))
    .map(({ user_id: user, decision, reason }) => [user, decision, reason]);

/** How often ExpressPlay was asked. */
async function asked(): Promise<number> {
  const answer = await fetch(`${service.emulator.url}/emulator/requests`);
  return ((await answer.json()) as unknown[]).length;
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${service.managementUrl}/metrics`)).text();
  const line = text.split('\n').find((found) => found.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}

describe('a player who hangs up', () => {
  it('while the decision waits for a connection to Postgres: no statement is sent, nothing is bought or reserved', async () => {
    await start({ environment: { DATABASE_POOL_SIZE: '1', DATABASE_TIMEOUT_MS: '6000' } });
    const held = await service.app.get(PrismaService).pool.connect();
    const before = await asked();
    const [gone, stays] = [await player('alice'), await player('frank')];
    await expect.poll(() => service.app.get(PrismaService).pool.waitingCount, PATIENTLY).toBeGreaterThan(0);
    await expect.poll(inFlight, PATIENTLY).toBe(2);
    await gone.hangUp();
    let sent = '';
    service.wires.postgres.tap = async (bytes) => ((sent += bytes.toString('latin1')), true);
    held.release();
    expect((await stays.answer).status).toBe(403);
    await atRest();
    expect([sent.includes('alice'), sent.includes('frank')]).toEqual([false, true]);
    expect([await rows('alice'), await reservations(), await asked()]).toEqual([[], [], before]);
    expect(service.log.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('while Postgres is asked: nothing is bought, nothing stays reserved, and the ledger says why', async () => {
    await start();
    const before = await asked();
    const stall = service.wires.postgres.hold('to-client');
    const { hangUp } = await player('bob');
    await stall.met;
    await hangUp();
    stall.letGo();
    await atRest();
    expect(await rows('bob')).toEqual([['bob', 'failed', 'caller-gone']]);
    expect([await reservations(), await asked()]).toEqual([[], before]);
    const [{ first_play_at: firstPlay } = {}] = await service.database.query<{ first_play_at: unknown }>(
      `SELECT first_play_at FROM purchase WHERE user_id = 'bob' AND content_id = 'sintel'`,
    );
    expect(firstPlay).toBeNull();
    expect(await metric('entitlement_decisions_total{decision="failed",reason="caller-gone"}')).toBe(1);
    expect((await service.ask('bob', PLAYREADY)).status).toBe(200);
  });

  it('while the request waits for a connection to ExpressPlay: nothing is sent, and nothing stays reserved', async () => {
    // One connection.
    await start({ environment: { MAX_REQUESTS_IN_FLIGHT: '8', EXPRESSPLAY_TIMEOUT_MS: '10000' } });
    const before = await asked();
    const stall = service.wires.emulator.hold('to-client');
    const first = await player('alice');
    await stall.met;
    const { hangUp } = await player('bob');
    await expect.poll(() => service.app.get(ExpressPlay).load, PATIENTLY).toMatchObject({ inFlight: 1, queued: 1 });
    await hangUp();
    stall.letGo();
    expect((await first.answer).status).toBe(200);
    await atRest();
    expect(await rows('bob')).toEqual([['bob', 'failed', 'caller-gone']]);
    expect([await reservations(), await asked()]).toEqual([[], before + 1]);
  });

  it('while ExpressPlay is asked: the token is in the ledger, the request counts as aborted, and who asks again shares it', async () => {
    await start();
    const before = await asked();
    const stall = service.wires.emulator.hold('to-client');
    const { hangUp } = await player('bob');
    await stall.met;
    await hangUp();
    const again = await player('bob');
    await expect.poll(inFlight, PATIENTLY).toBe(2);
    stall.letGo();
    const { status, body } = await again.answer;
    await atRest();
    expect(status).toBe(200);
    expect(await service.ledger()).toContainEqual(
      expect.objectContaining({ id: body['id'], user_id: 'bob', decision: 'granted', first_play: true }),
    );
    expect([(await rows('bob')).length, await asked(), await reservations()]).toEqual([1, before + 1, []]);
    const requests = 'entitlement_http_requests_total{route="/v1/license-tokens",method="POST"';
    expect(await metric(`${requests},outcome="aborted"}`)).toBe(1);
    expect(await metric('entitlement_tokens_issued_total{drm="playready",rights="rental"}')).toBe(1);
  });

  it.each([
    ['one of them: the other gets it', 1],
    ['both: it is in the ledger', 2],
  ])('while two wait for one token, %s', async (_name, gone) => {
    await start();
    const before = await asked();
    const stall = service.wires.emulator.hold('to-client');
    const players = [await player('alice')];
    await stall.met;
    players.push(await player('alice'));
    await expect.poll(inFlight, PATIENTLY).toBe(2);
    for (const { hangUp } of players.slice(0, gone)) await hangUp();
    stall.letGo();
    const outcomes = await Promise.allSettled(players.map(({ answer }) => answer));
    await atRest();
    expect(outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.status] : []))).toEqual(
      gone === 1 ? [200] : [],
    );
    expect([await rows('alice'), await asked()]).toEqual([[['alice', 'granted', null]], before + 1]);
  });

  it.each([
    ['one of them: the other gets a token', 1],
    ['both: nothing is bought', 2],
  ])('while the same is decided for two, %s', async (_name, gone) => {
    await start();
    const before = await asked();
    const stall = service.wires.postgres.hold('to-client');
    const players = [await player('alice')];
    await stall.met;
    players.push(await player('alice'));
    await expect.poll(inFlight, PATIENTLY).toBe(2);
    for (const { hangUp } of players.slice(0, gone)) await hangUp();
    stall.letGo();
    const outcomes = await Promise.allSettled(players.map(({ answer }) => answer));
    await atRest();
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2 - gone);
    const decisions = (await rows('alice')).map(([, decision, reason]) => `${decision} ${reason}`).toSorted();
    expect(decisions).toEqual(gone === 1 ? ['failed caller-gone', 'granted null'] : ['failed caller-gone']);
    expect([await asked(), await reservations()]).toEqual([before + 2 - gone, []]);
  });
});

describe('the time of a request', () => {
  it('that a slow Postgres has used up is not spent on a token that could not be written down', async () => {
    // The ledger is kept 15 s, and ExpressPlay would be given 0.3 s.
    await start({
      environment: { DATABASE_TIMEOUT_MS: '5000', EXPRESSPLAY_TIMEOUT_MS: '300' },
      limits: { answerTimeoutMs: 17_000 },
    });
    const before = await asked();
    const stall = service.wires.postgres.hold('to-client');
    const { answer } = await player('bob');
    await stall.met;
    await new Promise((resolve) => setTimeout(resolve, 2000));
    stall.letGo();
    const { status, body } = await within(MOST_MS, 'an answer', answer);
    expect([status, body['code']]).toEqual([503, 'service-unavailable']);
    expect(await rows('bob')).toEqual([['bob', 'failed', 'ledger-unavailable']]);
    expect([await reservations(), await asked()]).toEqual([[], before]);
  });

  it.each(['POST /v1/license-tokens', 'GET /v1/entitlements/sintel', 'GET /v1/entitlements'])(
    'is up: who asked for %s is told so, and what comes late is dropped',
    async (what) => {
      await start({ environment: { DATABASE_TIMEOUT_MS: '6000' }, limits: { answerTimeoutMs: 1000 } });
      const before = await asked();
      const isPost = what.startsWith('POST');
      const body = isPost ? JSON.stringify(PLAYREADY) : '';
      const head = ['Host: a', `Authorization: Bearer ${await service.issuer.token('alice')}`];
      const ofBody = isPost ? ['Content-Type: application/json', `Content-Length: ${body.length}`] : [];
      const stall = service.wires.postgres.hold('to-client');
      const parts = [raw([`${what} HTTP/1.1`, ...head, ...ofBody], body)];
      const answers = await within(MOST_MS, 'an answer', exchange(service.url, { parts }));
      expect(answers.map(({ status, headers }) => [status, headers['retry-after']])).toEqual([[503, '1']]);
      await stall.met;
      expect(inFlight()).toBe(1);
      stall.letGo();
      await atRest();
      const written = service.log.lines.filter(({ msg }) => msg === 'request failed' || msg === 'request aborted');
      expect(written.map(({ response }) => (response as { status: number }).status)).toEqual([503]);
      expect(await rows('alice')).toEqual(isPost ? [['alice', 'failed', 'caller-gone']] : []);
      expect([await reservations(), await asked()]).toEqual([[], before]);
    },
  );

  it('holds for all routes, whatever Postgres does', async () => {
    await start({ environment: { DATABASE_TIMEOUT_MS: '6000' }, limits: { answerTimeoutMs: 1000 } });
    const store = await PurchaseClient.of(service);
    const stall = service.wires.postgres.hold('to-server');
    const [{ answer: token }, bearer] = [await player('alice'), await service.issuer.token('alice')];
    const read = (path: string) => service.http().get(path).set('Authorization', `Bearer ${bearer}`);
    const answers = await within(
      MOST_MS,
      'all answers',
      Promise.all([token, read('/v1/entitlements'), read('/v1/entitlements/sintel'), store.put('slow', rental())]),
    );
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    stall.letGo();
    await atRest();
  });

  it('is up before ExpressPlay answers: what it has issued is in the ledger, and its late answer is nobody’s', async () => {
    await start({ environment: { EXPRESSPLAY_TIMEOUT_MS: '1000' } });
    const stall = service.wires.emulator.hold('to-client');
    const { status, body } = await within(MOST_MS, 'an answer', (await player('bob')).answer);
    expect([status, body['code'], stall.isMet]).toEqual([504, 'upstream-timeout', true]);
    const bobs = async () => (await service.ledger()).filter(({ user_id: user }) => user === 'bob');
    const written = await bobs();
    expect(written.map(({ id }) => id)).toEqual(await service.issuedCookies());
    stall.letGo();
    expect((await service.ask('alice', PLAYREADY)).status).toBe(200);
    await atRest();
    expect(await bobs()).toEqual(written);
    expect(await rows('bob')).toEqual([['bob', 'failed', 'upstream-timeout']]);
    expect(service.log.lines.filter(({ msg }) => msg === 'request failed')).toHaveLength(1);
  });

  it('is up while a machine’s statement waits: Postgres ends that, although what it waits for stays', async () => {
    await start({ environment: { DATABASE_TIMEOUT_MS: '4000' }, limits: { answerTimeoutMs: 500 } });
    const store = await PurchaseClient.of(service);
    await withSession({ url: service.database.url }, async (locker) => {
      await locker.query('BEGIN; SELECT FROM purchase FOR UPDATE');
      const { rows: all } = await locker.query<{ id: string }>('SELECT external_id AS id FROM purchase');
      const revoke = () => store.revoke(all[0]?.id ?? '', { version: 1, reason: 'refund' });
      expect((await revoke()).status).toBe(503);
      const waiters = 'SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))';
      expect((await locker.query(waiters)).rowCount).toBe(1);
      await expect.poll(async () => (await locker.query(waiters)).rowCount, PATIENTLY).toBe(0);
      await locker.query('ROLLBACK');
      expect((await revoke()).body.outcome).toBe('updated');
    });
  });

  it('is shared by both authenticators: after a late refusal of the first the second is not asked', async () => {
    const environment = {
      EXPRESSPLAY_TIMEOUT_MS: '1500',
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: '201722,00000000000000000000000000000000',
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT: '201722,1ad8eed133edf43cbcc185f0236828ae',
    };
    service = await TestService.start({ environment });
    const stall = service.wires.emulator.hold('to-client');
    const { answer } = await player('alice');
    await stall.met;
    await new Promise((resolve) => setTimeout(resolve, 800));
    stall.letGo();
    // 504 where the machine took longer than that.
    expect([502, 504]).toContain((await answer).status);
    expect(await asked()).toBe(1);
    expect((await service.ask('alice', PLAYREADY)).status).toBe(200);
    expect(await asked()).toBe(3);
  });
});
