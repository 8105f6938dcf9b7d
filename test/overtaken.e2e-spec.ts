import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EntitlementsRepository } from '../apps/entitlement/src/entitlements/entitlements.repository.js';
import { LedgerWriter } from '../apps/entitlement/src/ledger/ledger-writer.repository.js';
import { newIssuanceId, type GrantedIssuance } from '../apps/entitlement/src/ledger/issuance.js';
import { PurchaseClient, rental, sale } from './admin/purchase-client.js';
import { TestService } from './support/test-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' } as const;
const HELD_MS = 300;

let service: TestService;
let store: PurchaseClient;
/** Somebody else's connection to the database. */
let other: Client;

async function start(environment: Record<string, string> = {}): Promise<void> {
  service = await TestService.start({ environment });
  store = await PurchaseClient.of(service);
  other = new Client({ connectionString: service.database.url });
  await other.connect();
}

async function stop(): Promise<void> {
  await other.end();
  await service.stop();
}

/** Asks, and does `work` when the request for a token is on its way to ExpressPlay. */
async function askAndMeanwhile(user: string, body: object, work: () => Promise<unknown>) {
  const done = service.wires.emulator.onceForwarded(async () => void (await work()));
  const answer = await service.ask(user, body);
  await done;
  return answer;
}

/** How often ExpressPlay was asked. */
async function asked(): Promise<number> {
  const answer = await fetch(`${service.emulator.url}/emulator/requests`);
  return ((await answer.json()) as unknown[]).length;
}

async function firstPlay(externalId: string): Promise<Date | null | undefined> {
  const rows = await service.database.query<{ first_play_at: Date | null }>(
    'SELECT first_play_at FROM purchase WHERE external_id = $1',
    [externalId],
  );
  return rows[0]?.first_play_at;
}

describe('a request that comes while an identical one is under way', () => {
  beforeEach(() => start());
  afterEach(stop);

  const change = {
    'the purchase was revoked': async () => {
      expect((await store.revoke('shared', { version: 2, reason: 'refund' })).status).toBe(200);
    },
    'the title was withdrawn': () =>
      service.database.query(`UPDATE content SET withdrawn_at = $1 WHERE id = 'sintel'`, [service.clock.now()]),
  };
  it.each([
    ['the purchase was revoked', 'purchase-revoked'],
    ['the title was withdrawn', 'content-withdrawn'],
  ] as const)('decides for itself: %s in between', async (name, reason) => {
    await store.put('shared', sale());
    let late: ReturnType<TestService['ask']> | undefined;
    const early = await askAndMeanwhile('frank', PLAYREADY, async () => {
      await change[name]();
      late = service.ask('frank', PLAYREADY).then((answer) => answer);
      await Promise.race([late, wait(HELD_MS)]);
    });
    expect(early.status).toBe(200);
    const { status, body } = await late!;
    expect([status, body.reason]).toEqual([403, reason]);
  });

  it('is not told what an older one was refused for', async () => {
    await other.query('BEGIN; LOCK TABLE issuance IN EXCLUSIVE MODE');
    const early = service.ask('frank', PLAYREADY).then((answer) => answer);
    await wait(HELD_MS);
    expect((await store.put('shared', sale())).status).toBe(201);
    const late = Promise.all([1, 2, 3].map(() => service.ask('frank', PLAYREADY)));
    await wait(HELD_MS);
    await other.query('ROLLBACK');
    expect((await early).status).toBe(403);
    const answers = await late;
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body.id as string)).size).toBe(1);
  });

  it('shares the token when nothing has changed, and reserves nothing for it', async () => {
    await store.put('shared', sale());
    let late: Promise<Awaited<ReturnType<TestService['ask']>>[]> | undefined;
    const early = await askAndMeanwhile('frank', PLAYREADY, async () => {
      late = Promise.all([1, 2, 3].map(() => service.ask('frank', PLAYREADY)));
      await wait(HELD_MS);
      expect(await service.database.query('SELECT FROM token_reservation')).toHaveLength(1);
    });
    const ids = (await late!).map(({ body }) => body.id as string);
    expect(new Set(ids)).toEqual(new Set([early.body.id]));
    expect(await service.ledger()).toHaveLength(1);
  });
});

describe('a rental that the store changes while its first token is bought', () => {
  beforeEach(async () => {
    await start();
    await store.put('moving', rental());
  });
  afterEach(stop);

  it.each([
    ['to another viewer', { userId: 'erin' }],
    ['to another title', { contentId: 'tears-of-steel' }],
  ])('given %s is not started, and the token is not delivered', async (_name, more) => {
    const answer = await askAndMeanwhile('frank', PLAYREADY, () =>
      store.put('moving', rental({ version: 2, ...more })),
    );
    expect([answer.status, answer.body.reason]).toEqual([403, 'no-purchase']);
    expect(await firstPlay('moving')).toBeNull();
    const rows = await service.ledger();
    expect(rows.map(({ decision, reason }) => [decision, reason])).toEqual(
      expect.arrayContaining([
        ['failed', 'purchase-changed'],
        ['denied', 'no-purchase'],
      ]),
    );
    expect(rows).toHaveLength(2);
    expect(await service.database.query('SELECT FROM token_reservation')).toEqual([]);
  });

  it.each([
    ['on other terms', rental({ version: 2, playDurationSeconds: 3600 }), 'rental', true],
    ['sold for good', sale({ version: 2 }), 'buy-to-own', false],
  ])('%s: the token is of what it is now', async (_name, order, type, first) => {
    const answer = await askAndMeanwhile('frank', PLAYREADY, () => store.put('moving', order));
    expect([answer.status, answer.body.rights.type]).toEqual([200, type]);
    if (first) expect(answer.body.rights.playDurationSeconds).toBe(3600);
    expect(await firstPlay('moving')).toEqual(first ? service.clock.now() : null);
    expect((await service.ledger()).map(({ decision, first_play: started }) => [decision, started])).toEqual(
      expect.arrayContaining([
        ['failed', false],
        ['granted', first],
      ]),
    );
    expect(await asked()).toBe(2);
  });

  it('is seen as it was last committed, also when that is under way', async () => {
    const answer = askAndMeanwhile('frank', PLAYREADY, () =>
      other.query(`BEGIN; UPDATE purchase SET user_id = 'erin', version = 2 WHERE external_id = 'moving'`),
    );
    await wait(HELD_MS);
    await other.query('COMMIT');
    expect((await answer).status).toBe(403);
    expect(await firstPlay('moving')).toBeNull();
  });

  it('a second time: 503, try again', async () => {
    const change = (version: number) => () => store.put('moving', rental({ version }));
    const done = service.wires.emulator
      .onceForwarded(async () => void (await change(2)()))
      .then(() => service.wires.emulator.onceForwarded(async () => void (await change(3)())));
    const answer = await service.ask('frank', PLAYREADY);
    await done;
    expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([503, 'service-unavailable', '1']);
    expect(await firstPlay('moving')).toBeNull();
    expect((await service.ledger()).map(({ reason }) => reason)).toEqual(['purchase-changed', 'purchase-changed']);
  });

  it.each([
    ['that has not been started', false],
    ['that runs', true],
  ])('customer support resets one %s: the token is delivered, and the rental is not started', async (_name, runs) => {
    if (runs) {
      await service.issue('frank', PLAYREADY);
      service.clock.advance(60);
    }
    const answer = await askAndMeanwhile('frank', PLAYREADY, () =>
      store.reset('moving', { id: 'r-1', reason: 'a test' }),
    );
    expect(answer.status).toBe(200);
    expect(await firstPlay('moving')).toBeNull();
    const row = (await service.ledger()).find(({ id }) => id === answer.body.id);
    expect(row).toMatchObject({ decision: 'granted', first_play: false });
  });
});

describe('a row of the ledger is written once, however often it is sent', () => {
  let ledger: LedgerWriter;
  beforeAll(async () => {
    await start();
    ledger = service.app.get(LedgerWriter);
  });
  afterAll(stop);

  async function issuanceOf(externalId: string, userId: string): Promise<GrantedIssuance> {
    await store.put(externalId, rental({ userId }));
    const facts = await service.app.get(EntitlementsRepository).find(userId, 'sintel');
    const decidedAt = service.clock.now();
    const purchase = facts!.purchases[0]!;
    return {
      id: newIssuanceId(),
      userId,
      contentId: 'sintel',
      drm: 'playready',
      offline: false,
      requestId: 'r',
      decidedAt,
      purchase,
      tokenExpiresAt: decidedAt,
      durationMs: 0,
      rights: { type: 'rental', endsAt: decidedAt, playDurationSeconds: 1, persistent: true },
    };
  }
  const rows = (id: string) => service.database.query('SELECT * FROM issuance WHERE id = $1', [id]);

  it('a token, twice in a row', async () => {
    const issuance = await issuanceOf('twice', 'twice');
    expect(await ledger.recordGranted(issuance)).toBe(true);
    expect(await ledger.recordGranted(issuance)).toBe(true);
    expect(await rows(issuance.id)).toMatchObject([{ first_play: true }]);

    await store.reset('twice', { id: 'r-1', reason: 'a test' });
    expect(await ledger.recordGranted(issuance)).toBe(true);
    expect(await firstPlay('twice')).toBeNull();
  });

  it('a token, on two connections at once', async () => {
    const issuance = await issuanceOf('at-once', 'at-once');
    await other.query(`BEGIN; SELECT FROM purchase WHERE external_id = 'at-once' FOR UPDATE`);
    const both = Promise.all([ledger.recordGranted(issuance), ledger.recordGranted(issuance)]);
    await wait(HELD_MS);
    await other.query('COMMIT');
    expect(await both).toEqual([true, true]);
    expect(await rows(issuance.id)).toMatchObject([{ first_play: true }]);
  });

  it('a refusal', async () => {
    const { id, userId, contentId, drm, offline, requestId, decidedAt } = await issuanceOf('refused', 'refused');
    const refused = { id, userId, contentId, drm, offline, requestId, decidedAt, durationMs: 0 };
    const write = () => ledger.recordRefused({ ...refused, reason: 'upstream-timeout' });
    await write();
    await write();
    await Promise.all([write(), write()]);
    expect(await rows(id)).toMatchObject([{ reason: 'upstream-timeout' }]);
  });
});

describe('a ledger that cannot be written', () => {
  beforeAll(() => start({ DATABASE_TIMEOUT_MS: '400' }));
  afterAll(stop);

  it('costs one token, and after its recovery one request', async () => {
    await other.query('BEGIN; LOCK TABLE issuance IN EXCLUSIVE MODE');
    for (let time = 0; time < 3; time += 1) {
      const answer = await service.ask('alice', PLAYREADY);
      expect([answer.status, answer.body.code]).toEqual([503, 'service-unavailable']);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(await asked()).toBe(1);

    await other.query('ROLLBACK');
    const refused = await service.ask('alice', PLAYREADY);
    expect([refused.status, refused.body.code]).toEqual([503, 'service-unavailable']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(await service.ledger()).toMatchObject([
      { decision: 'failed', reason: 'ledger-unavailable', rights_type: 'buy-to-own' },
    ]);
    expect((await service.ask('alice', PLAYREADY)).status).toBe(200);
    expect(await asked()).toBe(2);
  });
});
