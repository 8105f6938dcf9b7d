import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Queries, Schemas } from '@app/api-client';
import type { TokenOptions } from './support/issuer.js';
import { TestService } from './support/test-service.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
const OWNED = { type: 'buy-to-own', endsAt: null, playDurationSeconds: null, started: false };
const unstarted = (endsAt: string) => ({ type: 'rental', endsAt, playDurationSeconds: 172_800, started: false });

type Listed = Schemas['PlayableTitle'];

/** RFC 3339 in whole seconds, from the service's now. */
function fromNow(service: TestService, seconds: number): string {
  return new Date(service.clock.now().getTime() + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

async function list(service: TestService, user: string, query: Queries['listEntitlements'] = {}) {
  const { data, error } = await service.client(user).GET('/v1/entitlements', { params: { query } });
  if (data === undefined) throw new Error(error.detail);
  return data;
}

/** What a client could not ask, or sees of an answer's headers. */
async function get(service: TestService, user: string, path = '', options: TokenOptions = {}) {
  const bearer = await service.issuer.token(user, options);
  return service.http().get(`/v1/entitlements${path}`).set('Authorization', `Bearer ${bearer}`);
}

/** All pages, one after the other. */
async function pages(service: TestService, user: string, limit: number): Promise<Listed[][]> {
  const found: Listed[][] = [];
  let cursor: string | null = null;
  do {
    const page = await list(service, user, { limit, ...(cursor === null ? {} : { cursor }) });
    found.push(page.entitlements);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}

const idsOf = (titles: readonly Listed[]) => titles.map(({ contentId }) => contentId);

describe('what the viewers of the demo may play', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it('alice owns all, and sees what can be played now', async () => {
    const answer = await get(service, 'alice');
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toStrictEqual({
      entitlements: [
        { contentId: 'big-buck-bunny', title: 'Big Buck Bunny', entitled: true, rights: OWNED },
        { contentId: 'sintel', title: 'Sintel', entitled: true, rights: OWNED },
        { contentId: 'tears-of-steel', title: 'Tears of Steel', entitled: true, rights: OWNED },
      ],
      nextCursor: null,
    });
  });

  it('a rental that ends while the database is waited for has ended', async () => {
    const bob = await get(service, 'bob', '/sintel');
    expect(bob.body.entitled).toBe(true);
    const began = service.clock.now();
    const waited = service.wires.postgres.onceForwarded(async () => service.clock.advance(31 * DAY));
    try {
      const { body } = await get(service, 'bob', '/sintel');
      expect(body).toMatchObject({ entitled: false, reason: 'rental-period-ended' });
      await waited;
    } finally {
      service.clock.set(began);
    }
  });

  it.each<[string, string, () => unknown[]]>([
    ['bob, who rents and has not started', 'bob', () => [unstarted(fromNow(service, 30 * DAY))]],
    ['carol, whose period has ended', 'carol', () => []],
    ['dave, whose play window has ended', 'dave', () => []],
    ['erin, who was refunded', 'erin', () => []],
    ['frank, who bought nothing', 'frank', () => []],
    ['grace, who owns what she also rents', 'grace', () => [OWNED]],
    ['a stranger', 'nobody', () => []],
  ])('the list of %s', async (_name, user, rights) => {
    const titles = rights().map((one) => ({ contentId: 'sintel', title: 'Sintel', entitled: true, rights: one }));
    expect(await list(service, user)).toStrictEqual({ entitlements: titles, nextCursor: null });
  });

  it.each<[string, string, () => unknown]>([
    ['alice', 'sintel', () => OWNED],
    ['alice', 'cosmos-laundromat', () => 'not-yet-available'],
    ['alice', 'elephants-dream', () => 'content-withdrawn'],
    ['bob', 'sintel', () => unstarted(fromNow(service, 30 * DAY))],
    ['bob', 'tears-of-steel', () => 'no-purchase'],
    ['carol', 'sintel', () => 'rental-period-ended'],
    ['dave', 'sintel', () => 'play-window-ended'],
    ['erin', 'sintel', () => 'purchase-revoked'],
    ['frank', 'sintel', () => 'no-purchase'],
    ['grace', 'sintel', () => OWNED],
  ])('%s and %s alone', async (user, contentId, expected) => {
    const answer = await get(service, user, `/${contentId}`);
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const outcome = expected();
    const told =
      typeof outcome === 'string' ? { entitled: false, reason: outcome } : { entitled: true, rights: outcome };
    expect(answer.body).toStrictEqual({ contentId, ...told });
  });

  it('a title that the catalogue does not have is not found', async () => {
    const answer = await get(service, 'alice', '/nothing');
    expect([answer.status, answer.body.code]).toEqual([404, 'content-not-found']);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it.each([
    ['a limit of 0', '?limit=0', 'limit'],
    ['a limit of 101', '?limit=101', 'limit'],
    ['a limit that is no number', '?limit=many', 'limit'],
    ['half a title', '?limit=1.5', 'limit'],
    ['two limits', '?limit=1&limit=2', 'limit'],
    ['a cursor that is none', '?cursor=sintel', 'cursor'],
    ['an empty cursor', '?cursor=', 'cursor'],
    ['two cursors', '?cursor=YQ&cursor=YQ', 'cursor'],
    ['somebody else', '?user=alice', 'user'],
    ['an id that none can have', '/a%20b', 'contentId'],
  ])('refuses %s by name', async (_name, path, field) => {
    const answer = await get(service, 'bob', path);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    expect(answer.body.errors).toEqual(expect.arrayContaining([expect.objectContaining({ field })]));
  });

  it.each(['', '/sintel'])('wants a bearer token with the scope for %j', async (path) => {
    const wrong = await get(service, 'alice', path, { scope: 'purchases:write ledger:read' });
    expect([wrong.status, wrong.body.code]).toEqual([403, 'insufficient-scope']);
    const none = await service.http().get(`/v1/entitlements${path}`);
    expect([none.status, none.body.code]).toEqual([401, 'unauthenticated']);
  });

  it('and all this asking has started no clock, reserved nothing, and left nothing in the ledger', async () => {
    expect(await service.ledger()).toEqual([]);
    expect(await service.database.query('SELECT * FROM token_reservation')).toEqual([]);
    const started = await service.database.query(`SELECT user_id FROM purchase WHERE first_play_at IS NOT NULL`);
    expect(started).toEqual([{ user_id: 'dave' }]);
  });
});

describe('a rental over its life', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it('is seen as soon as it is sold, started when it is played, and gone when it ends', async () => {
    const both = async () => {
      const { entitlements } = await list(service, 'frank');
      const params = { path: { contentId: 'sintel' } };
      const { data: one } = await service.client('frank').GET('/v1/entitlements/{contentId}', { params });
      expect(entitlements.map(({ rights }) => rights)).toEqual(one?.entitled ? [one.rights] : []);
      return one;
    };
    expect(await both()).toMatchObject({ reason: 'no-purchase' });
    await service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds)
       VALUES ('new', 'frank', 'sintel', 'rental', $1, $2, 172800)`,
      [service.clock.now(), fromNow(service, 10 * DAY)],
    );
    const periodEndsAt = fromNow(service, 10 * DAY);
    expect(await both()).toMatchObject({ rights: unstarted(periodEndsAt) });
    service.clock.advance(DAY);
    expect(await both()).toMatchObject({ rights: unstarted(periodEndsAt) });

    const { endsAt } = (await service.issue('frank', { contentId: 'sintel', drm: 'playready' })).rights;
    const firstPlayAt = fromNow(service, 0);
    expect(await both()).toMatchObject({
      rights: { type: 'rental', started: true, firstPlayAt, endsAt, playDurationSeconds: 172_800 },
    });
    service.clock.advance(DAY);
    expect(await both()).toMatchObject({ rights: { started: true, firstPlayAt, endsAt, playDurationSeconds: 86_400 } });
    service.clock.advance(DAY - 2);
    expect(await both()).toMatchObject({ rights: { started: true, endsAt, playDurationSeconds: 2 } });
    service.clock.advance(0.5);
    expect(await both()).toMatchObject({ entitled: false, reason: 'play-window-ended' });
    expect(await service.ledger()).toHaveLength(1);
  });
});

describe('long lists', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
    await service.database.query(
      `INSERT INTO content (id, title, output_policy_name)
       SELECT 'many-' || lpad(n::text, 4, '0'), 'Title ' || n, 'hd' FROM generate_series(1, 5000) n`,
    );
    await sell('ended', 'heavy', 'true', [-90 * DAY, -60 * DAY]);
    await sell('live', 'heavy', 'n % 100 = 0', [0, 3 * DAY]);
    await sell('owned', 'other', 'n <= 25', [0]);
    // Under rule `either`, the periods of these have ended within their play windows: candidates that do not entitle.
    await sell('nearly', 'nearly', 'n <= 4000', [-2 * DAY, -HOUR, -DAY]);
    await sell('nearly-owned', 'nearly', 'n IN (7, 3990)', [0]);
  });
  afterAll(() => service.stop());

  /** Sells a user the titles whose numbers fit: bought, or rented for 48 hours, at moments in seconds from now. */
  async function sell(order: string, user: string, numbers: string, moments: [number, number?, number?]) {
    const [purchasedAt, periodEndsAt, firstPlayAt] = moments.map((seconds) => fromNow(service, seconds ?? 0));
    const rental = periodEndsAt !== undefined;
    await service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, first_play_at, play_duration_seconds)
       SELECT $1 || '-' || n, $2, 'many-' || lpad(n::text, 4, '0'), $3, $4, $5, $6, $7 FROM generate_series(1, 5000) n WHERE ${numbers}`,
      [order, user, rental ? 'rental' : 'buy-to-own', purchasedAt, periodEndsAt, firstPlayAt, rental ? 172_800 : null],
    );
  }

  it.each([1, 7, 49, 50, 51, 100])('pages of %i miss no title and show none twice', async (limit) => {
    const expected = Array.from({ length: 50 }, (_, index) => `many-${String((index + 1) * 100).padStart(4, '0')}`);
    const found = await pages(service, 'heavy', limit);
    expect(idsOf(found.flat())).toEqual(expected);
    expect(found.map(({ length }) => length)).toEqual(
      Array.from({ length: Math.ceil(50 / limit) }, (_, index) => Math.min(limit, 50 - index * limit)),
    );
  });

  it('has pages of 50 unless asked otherwise', async () => {
    const { entitlements, nextCursor } = await list(service, 'heavy');
    expect([entitlements.length, nextCursor]).toEqual([50, null]);
    await service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at)
       VALUES ('one-more', 'heavy', 'many-5000', 'buy-to-own', now()), ('and-one', 'heavy', 'sintel', 'buy-to-own', now())`,
    );
    const [first, second] = await pages(service, 'heavy', 50);
    expect(first?.at(-1)).toMatchObject({ contentId: 'many-5000', rights: OWNED });
    expect(second).toMatchObject([{ contentId: 'sintel' }]);
    await service.database.query(`DELETE FROM purchase WHERE external_id IN ('one-more', 'and-one')`);
  });

  it("never shows another user's titles, whatever the cursor", async () => {
    const { entitlements, nextCursor } = await list(service, 'other', { limit: 10 });
    expect(entitlements).toHaveLength(10);
    const cursor = nextCursor ?? '';
    const mine = await list(service, 'heavy', { limit: 1, cursor });
    expect(idsOf(mine.entitlements)).toEqual(['many-0100']);
    expect(await list(service, 'frank', { cursor })).toEqual({ entitlements: [], nextCursor: null });
  });

  it('ends a page early rather than look at thousands of rentals in one request, and goes on where it ended', async () => {
    const [first, second, ...more] = await pages(service, 'nearly', 10);
    expect(idsOf(first ?? [])).toEqual(['many-0007']);
    expect(idsOf(second ?? [])).toEqual(['many-3990']);
    expect(more).toEqual([]);
  });

  it('shows the same rentals under start-by, where a period that ended within the play window ends nothing', async () => {
    const startBy = await TestService.start({ environment: { RENTAL_END_RULE: 'start-by' } });
    await startBy.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds, first_play_at)
       SELECT 'rented', 'frank', 'sintel', 'rental', moment - interval '48 hours', moment - interval '1 hour', 172800, moment - interval '24 hours'
       FROM (SELECT $1::timestamptz AS moment) now`,
      [startBy.clock.now()],
    );
    expect((await list(startBy, 'frank')).entitlements).toMatchObject([
      { contentId: 'sintel', rights: { started: true, playDurationSeconds: 86_400, endsAt: fromNow(startBy, DAY) } },
    ]);
    await startBy.stop();
  });
});
