import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Queries, Schemas } from '@app/api-client';
import { TestService } from '../support/test-service.js';

describe('GET /v1/admin/issuances', () => {
  let service: TestService;
  let begin: Date;
  const read = async (query: Record<string, string>, scope = 'ledger:read') => {
    const bearer = await service.issuer.token('support', { scope });
    return service.http().get('/v1/admin/issuances').query(query).set('Authorization', `Bearer ${bearer}`);
  };
  const page = async (query: Queries['listIssuances']) => {
    const support = service.client('support', { scope: 'ledger:read' });
    const { data, error } = await support.GET('/v1/admin/issuances', { params: { query } });
    if (data === undefined) throw new Error(error.detail);
    return data;
  };

  beforeAll(async () => {
    service = await TestService.start();
    begin = service.clock.now();
    for (const user of ['alice', 'bob', 'carol', 'bob', 'alice']) {
      await service.ask(user, { contentId: 'sintel', drm: 'playready' });
      service.clock.advance(60);
    }
    await service.ask('alice', { contentId: 'tears-of-steel', drm: 'widevine' });
  });
  afterAll(() => service.stop());

  it('tells all of a row, and is not cached', async () => {
    const answer = await read({ user: 'carol' });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body.issuances).toEqual([
      expect.objectContaining({
        userId: 'carol',
        contentId: 'sintel',
        drm: 'playready',
        decision: 'denied',
        reason: 'rental-period-ended',
        firstPlay: false,
        decidedAt: new Date(begin.getTime() + 120_000).toISOString(),
      }),
    ]);
  });

  it.each([
    ['user', { user: 'bob' }, ['bob', 'bob']],
    ['content', { content: 'tears-of-steel' }, ['alice']],
    ['user and content', { user: 'alice', content: 'sintel' }, ['alice', 'alice']],
    ['nothing that is there', { user: 'nobody' }, []],
    ['a purchase that is not there', { purchase: 'nothing' }, []],
  ])('finds by %s, the newest first', async (_name, query, users) => {
    const { issuances } = await page(query);
    expect(issuances.map(({ userId }) => userId)).toEqual(users);
    const moments = issuances.map(({ decidedAt }) => decidedAt);
    expect(moments).toEqual([...moments].sort().reverse());
  });

  it('finds by cookie, by purchase and by time', async () => {
    const [row] = (await page({ user: 'bob' })).issuances;
    expect((await page({ cookie: row?.id ?? '' })).issuances).toEqual([row]);
    expect((await page({ purchase: row?.purchase ?? '' })).issuances).toHaveLength(2);
    const minute = (count: number) => new Date(begin.getTime() + count * 60_000).toISOString();
    const between = await page({ from: minute(1), to: minute(3) });
    expect(between.issuances.map(({ userId }) => userId)).toEqual(['carol', 'bob']);
  });

  it('pages without missing or repeating a row', async () => {
    const all = (await page({})).issuances.map(({ id }) => id);
    expect(all).toHaveLength(6);
    const paged: string[] = [];
    let cursor: string | null = null;
    do {
      const next: Schemas['IssuancesPage'] = await page({ limit: 4, ...(cursor === null ? {} : { cursor }) });
      paged.push(...next.issuances.map(({ id }) => id));
      cursor = next.nextCursor;
    } while (cursor !== null);
    expect(paged).toEqual(all);
  });

  it.each([
    ['a cursor that is none', { cursor: 'nonsense' }, 'cursor'],
    ['a cookie that is none', { cookie: 'x' }, 'cookie'],
    ['a moment without an offset', { from: '2026-11-21T10:00:00' }, 'from'],
    ['a day that its month does not have', { to: '2026-02-30T10:00:00Z' }, 'to'],
    ['a page of a thousand', { limit: '1000' }, 'limit'],
    ['an unknown parameter', { users: 'bob' }, 'users'],
  ])('refuses %s by name', async (_name, query, field) => {
    const answer = await read(query);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    expect((answer.body.errors as { field: string }[]).map((error) => error.field)).toEqual([field]);
  });

  it.each(['playback', 'catalog:write', 'purchases:write'])('is closed to a token of scope %s', async (scope) => {
    const answer = await read({}, scope);
    expect([answer.status, answer.body.code]).toEqual([403, 'insufficient-scope']);
  });
});
