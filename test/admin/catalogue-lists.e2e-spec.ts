import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestService } from '../support/test-service.js';
import { CatalogueClient, fieldsOf } from './catalogue-client.js';

describe("the catalogue's lists and who may read them", () => {
  let service: TestService;
  let store: CatalogueClient;
  beforeAll(async () => {
    service = await TestService.start();
    store = new CatalogueClient(service);
    await service.database.query(
      `INSERT INTO content (id, title, output_policy_name)
       SELECT 'list-' || n, 'Title ' || n, 'hd' FROM generate_series(1, 70) n`,
    );
    await service.database.query(
      `INSERT INTO output_policy (name, analog_video_opl, compressed_digital_audio_opl, compressed_digital_video_opl,
         uncompressed_digital_audio_opl, uncompressed_digital_video_opl)
       SELECT 'policy.' || n, 1, 2, 3, 4, 5 FROM generate_series(1, 5) n`,
    );
  });
  afterAll(() => service.stop());

  it.each([
    ['contents', 'contents', 'id', 75, '20'],
    ['output-policies', 'outputPolicies', 'name', 7, '3'],
  ])('%s come in pages, none missing and none twice', async (path, member, key, total, limit) => {
    const names: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = new URLSearchParams({ limit, ...(cursor === null ? {} : { cursor }) }).toString();
      const page = await store.get(`${path}?${query}`);
      expect([page.status, page.headers['cache-control']]).toEqual([200, 'no-store']);
      const items = page.body[member] as Record<string, string>[];
      expect(items.length).toBeLessThanOrEqual(Number(limit));
      names.push(...items.map((item) => item[key] ?? ''));
      cursor = page.body.nextCursor as string | null;
    } while (cursor !== null);
    expect(names).toHaveLength(total);
    expect(new Set(names).size).toBe(total);
    const [first = ''] = names;
    const whole = await store.get(`${path}?limit=200`);
    expect((whole.body[member] as Record<string, string>[]).map((item) => item[key])).toEqual(names);
    expect((whole.body[member] as object[])[0]).toEqual((await store.get(`${path}/${first}`)).body);
  });

  it('has 50 to a page, and a whole last page is the last', async () => {
    const first = await store.get('contents');
    expect(first.body.contents).toHaveLength(50);
    const rest = await store.get(`contents?limit=25&cursor=${String(first.body.nextCursor)}`);
    expect([(rest.body.contents as object[]).length, rest.body.nextCursor]).toEqual([25, null]);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=x', 'limit'],
    ['cursor=', 'cursor'],
    ['cursor=LQ', 'cursor'],
    ['cursor=a&cursor=b', 'cursor'],
    ['q=sintel', 'q'],
  ])('refuses %s by name', async (query, field) => {
    for (const path of ['contents', 'output-policies']) {
      const answer = await store.get(`${path}?${query}`);
      expect([answer.status, answer.body.code, fieldsOf(answer)]).toEqual([400, 'invalid-request', [field]]);
    }
  });

  const ROUTES = [
    ['get', 'contents'],
    ['get', 'contents/sintel'],
    ['put', 'contents/sintel'],
    ['get', 'contents/sintel/key'],
    ['put', 'contents/sintel/key'],
    ['get', 'output-policies'],
    ['get', 'output-policies/hd'],
    ['put', 'output-policies/hd'],
  ] as const;

  it.each(ROUTES)('%s %s is closed without a token, and to tokens of other scopes', async (method, path) => {
    const anonymous = await service.http()[method](`/v1/admin/${path}`);
    expect([anonymous.status, anonymous.body.code]).toEqual([401, 'unauthenticated']);
    for (const scope of ['playback', 'purchases:write', 'ledger:read', 'catalog', 'catalog:read']) {
      const answer = method === 'get' ? await store.get(path, { scope }) : await store.put(path, {}, { scope });
      expect([scope, answer.status, answer.body.code]).toEqual([scope, 403, 'insufficient-scope']);
    }
  });

  it('takes nothing but JSON, and says so when Postgres is away', async () => {
    const broken = await store.put('contents/sintel', '{"title": ');
    expect([broken.status, broken.body.code]).toEqual([400, 'invalid-request']);
    const large = await store.put('contents/sintel', { title: 'x'.repeat(20_000) });
    expect([large.status, large.body.code]).toEqual([413, 'payload-too-large']);
    await service.wires.postgres.stop();
    for (const { path } of [{ path: 'contents' }, { path: 'contents/sintel' }, { path: 'output-policies/hd' }]) {
      const answer = await store.get(path);
      expect([answer.status, answer.body.code]).toEqual([503, 'service-unavailable']);
    }
    await service.wires.postgres.start();
  });
});
