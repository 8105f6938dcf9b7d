// A lock that somebody else holds for ever, and a pool of one: who has to wait for it is answered in time, and the others are served.
import { SessionPool } from '@app/platform/database';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PurchaseClient, rental } from '../admin/purchase-client.js';
import { within } from '../support/deadline.js';
import { TestService } from '../support/test-service.js';
import { sellTo, VIEWERS } from '../support/viewers.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };
/** Half of the pool. */
const TURNS = 3;

let service: TestService;
const ask = async (user: string, more: object = {}) => (await service.ask(user, { ...PLAYREADY, ...more })).status;
const path = { contentId: 'sintel' };
const read = async (user: string) => {
  const client = service.client(user);
  const answers = await Promise.all([
    client.GET('/v1/entitlements'),
    client.GET('/v1/entitlements/{contentId}', { params: { path } }),
  ]);
  return answers.map(({ response }) => response.status);
};
const ready = async () => {
  service.clock.advance(1);
  return (await service.http().get('/health/ready')).status;
};
const owners = VIEWERS.filter((_, index) => index % 2 === 0);
const renters = VIEWERS.filter((_, index) => index % 2 === 1);

async function expectWell(): Promise<void> {
  // The first of each kind shows that it can be written again.
  for (const [user = ''] of [owners, renters]) await ask(user);
  for (const [user = ''] of [owners, renters]) expect(await ask(user)).toBe(200);
}

describe('somebody holds for ever', () => {
  let holder: Client;

  beforeAll(async () => {
    service = await TestService.start({ environment: { DATABASE_TIMEOUT_MS: '2000', DATABASE_POOL_SIZE: '6' } });
    await sellTo(service, VIEWERS);
    // Connections are opened, and statements prepared.
    await Promise.all(owners.map((user) => ask(user)));
  });
  afterAll(() => service.stop());

  beforeEach(async () => {
    holder = new Client({ connectionString: service.database.url });
    holder.on('error', () => undefined);
    await holder.connect();
    await holder.query('BEGIN');
  });
  afterEach(async () => {
    await holder.end();
    await expectWell();
  });

  /** Most connections of the service that waited for a lock at once while some work was done. */
  async function mostWaiting(work: () => Promise<void>): Promise<number> {
    const over = new AbortController();
    let most = 0;
    const watch = async () => {
      while (!over.signal.aborted) {
        const [row] = await service.database.query<{ count: number }>(
          `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        most = Math.max(most, row?.count ?? 0);
      }
    };
    const watching = watch();
    await work().finally(() => over.abort());
    await watching;
    return most;
  }
  const boughtBy = async (work: () => Promise<void>) => {
    const before = (await service.issuedCookies()).length;
    await work();
    return (await service.issuedCookies()).length - before;
  };

  it('the rentals that are to be started: those who own are served, renters are told in time, at first and later on', async () => {
    await holder.query(`SELECT FROM purchase WHERE type = 'rental' FOR UPDATE`);
    const wave = async () => {
      const answers = await Promise.all([
        Promise.all(renters.map((user) => ask(user))),
        Promise.all(owners.map((user) => ask(user))),
        Promise.all(owners.map(read)),
      ]);
      expect(answers).toEqual([renters.map(() => 503), owners.map(() => 200), owners.map(() => [200, 200])]);
    };
    expect(await mostWaiting(wave)).toBe(TURNS);
    // Once it is known, one of them at a time is tried, and nothing is bought for them.
    const bought = await boughtBy(async () => expect(await mostWaiting(wave)).toBe(1));
    expect(bought).toBe(owners.length);
  });

  it('a purchase for good: nobody waits for it, not even its owner, whose token is written beside it', async () => {
    const [locked = ''] = owners;
    await holder.query('SELECT FROM purchase WHERE user_id = $1 FOR UPDATE', [locked]);
    expect(await Promise.all(owners.map((user) => ask(user)))).toEqual(owners.map(() => 200));
  });

  it("a user's reservations: all that this user asks for has half of the connections, and others are served", async () => {
    const [user = ''] = owners;
    await holder.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [user]);
    const wishes = (['playready', 'fairplay', 'widevine'] as const).flatMap((drm) =>
      ['sintel', 'tears-of-steel'].flatMap((contentId) => [
        { drm, contentId },
        { drm, contentId, offline: true },
      ]),
    );
    await service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at) VALUES ('second', $1, 'tears-of-steel', 'buy-to-own', $2)`,
      [user, service.clock.now()],
    );
    const most = await mostWaiting(async () => {
      const answers = await Promise.all([
        Promise.all(wishes.map((wish) => ask(user, wish))),
        Promise.all(owners.slice(1).map((other) => ask(other))),
        Promise.all(owners.map(read)),
        ready(),
      ]);
      expect(answers).toEqual([
        wishes.map(() => 503),
        owners.slice(1).map(() => 200),
        owners.map(() => [200, 200]),
        200,
      ]);
    });
    expect(most).toBe(TURNS);
  });

  it.each(['issuance', 'token_reservation'])(
    'the table %s: nothing is bought, and what is read is answered',
    async (table) => {
      await holder.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      const bought = await boughtBy(async () => {
        const asked = Promise.all(owners.map((user) => ask(user)));
        expect(await read('alice')).toEqual([200, 200]);
        expect(await asked).toEqual(owners.map(() => 503));
      });
      expect(bought).toBe(0);
    },
  );

  it('the catalogue: nobody gets an answer, in time', async () => {
    await holder.query('LOCK TABLE content IN ACCESS EXCLUSIVE MODE');
    const bought = await boughtBy(async () => {
      expect(await Promise.all([ask(owners[0]!), ask(renters[0]!)])).toEqual([503, 503]);
      expect(await read('alice')).toEqual([503, 503]);
      expect(await ready()).toBe(200);
    });
    expect(bought).toBe(0);
  });

  it('the history of migrations: players and probes notice nothing', async () => {
    expect(await ready()).toBe(200);
    await holder.query('LOCK TABLE _prisma_migrations IN ACCESS EXCLUSIVE MODE');
    expect([await ask(owners[0]!), await ready()]).toEqual([200, 200]);
  });
});

describe('a pool of one connection', () => {
  beforeAll(async () => {
    service = await TestService.start({ environment: { DATABASE_TIMEOUT_MS: '6000', DATABASE_POOL_SIZE: '1' } });
    await sellTo(service, VIEWERS);
  });
  afterAll(() => service.stop());

  it('serves everybody in turn: nothing takes a second connection while it has one', async () => {
    const store = await PurchaseClient.of(service);
    const statuses = await within(
      60_000,
      'all answers',
      Promise.all([
        ...VIEWERS.map((user) => ask(user)),
        ...owners.map(async (user) => Math.max(...(await read(user)))),
        store.put('one-1', rental()).then(({ status }) => status),
        store.import([rental({ externalId: 'one-2' }), rental({ externalId: 'one-3' })]).then(() => 200),
        store.revoke('demo-alice-sintel', { version: 1, reason: 'refund' }).then(({ status }) => status),
        ready(),
        fetch(`${service.managementUrl}/metrics`).then(({ status }) => status),
      ]),
    );
    expect(statuses.filter((status) => status >= 300)).toEqual([]);
    const { state } = service.app.get(SessionPool, { strict: false });
    expect([state.limit, state.inUse, state.waiting]).toEqual([1, 0, 0]);
  });
});
