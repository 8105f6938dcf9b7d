import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rental } from '../admin/purchase-client.js';
import { TestService } from '../support/test-service.js';
import { Caller } from './caller.js';
import { Contract } from './contract.js';

const contract = new Contract();
const IDS = contract.operations.map(({ id }) => id);
/** The value with another text in the place of each that it has, and where that stands. */
function withEachText(value: unknown, text: string): [field: string, changed: unknown][] {
  if (typeof value === 'string') return [['', text]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    withEachText(member, text).map(([field, changed]): [string, unknown] => [
      // A list of texts is wrong as one.
      field === '' ? (Array.isArray(value) ? '' : name) : `${name}.${field}`,
      Array.isArray(value) ? value.with(Number(name), changed) : { ...value, [name]: changed },
    ]),
  );
}
const documented = (status: number) => contract.operations.filter(({ responses }) => status in responses);

describe('what the service answers is what the document says', () => {
  let service: TestService;
  let caller: Caller;
  beforeAll(async () => {
    service = await TestService.start({
      environment: { MANAGEMENT_PORT: '0', EXPRESSPLAY_TIMEOUT_MS: '300', WIDEVINE_GENERAL_FLAGS: '4-digits' },
    });
    caller = new Caller(contract, service);
  });
  afterAll(() => service.stop());

  it.each(['playready', 'fairplay', 'widevine', 'offline'])(
    'a licence token: the example %s, bought and rented',
    async (name) => {
      const body = contract.operation('issueLicenseToken').examples[name];
      for (const user of ['alice', 'bob'])
        expect(await caller.call('issueLicenseToken', { user, body })).toMatchObject({ status: 200 });
      const headers = { Accept: 'text/uri-list' };
      expect((await caller.call('issueLicenseToken', { body, headers })).body).toMatch(/^http.*\r\n$/);
    },
  );

  it.each([
    [403, 'not-entitled', { user: 'carol' }],
    [404, 'content-not-found', { body: { contentId: 'nothing', drm: 'playready' } }],
    [406, 'not-acceptable', { headers: { Accept: 'image/png' } }],
    [409, 'drm-not-available', { body: { contentId: 'big-buck-bunny', drm: 'fairplay' } }],
    [409, 'offline-not-available', { body: { contentId: 'sintel', drm: 'widevine', offline: true } }],
  ])('no licence token: %i %s', async (status, code, call) => {
    expect(await caller.call('issueLicenseToken', call)).toMatchObject({ status, body: { code } });
  });

  it('entitlements, of all kinds', async () => {
    for (const user of ['alice', 'bob', 'frank', 'grace']) {
      expect((await caller.call('listEntitlements', { user, query: '?limit=1' })).status).toBe(200);
    }
    for (const user of ['alice', 'bob', 'carol', 'dave', 'erin', 'frank']) {
      expect((await caller.call('getEntitlement', { user })).status).toBe(200);
    }
    expect((await caller.call('getEntitlement', { path: { contentId: 'nothing' } })).status).toBe(404);
  });

  it('the catalogue', async () => {
    const path = { contentId: 'spring', name: 'uhd-2' };
    const stale = { 'If-Match': '"99"' };
    for (const [id, statuses] of [
      ['putOutputPolicy', [201, 200]],
      ['putContent', [201, 200]],
      ['putContentKey', [200]],
      ['putContentKeys', [200]],
    ] as const) {
      for (const status of statuses) expect([id, (await caller.call(id, { path })).status]).toEqual([id, status]);
      expect((await caller.call(id, { path, headers: stale })).status).toBe(412);
    }
    for (const id of ['getContent', 'getContentKey', 'getContentKeys', 'getOutputPolicy']) {
      expect((await caller.call(id, { path })).status).toBe(200);
      expect((await caller.call(id, { path: { contentId: 'nothing', name: 'nothing' } })).status).toBe(404);
    }
    for (const id of ['putContentKey', 'putContentKeys']) {
      expect((await caller.call(id, { path: { contentId: 'nothing' } })).status).toBe(404);
    }
    for (const id of ['listContents', 'listOutputPolicies']) {
      expect((await caller.call(id, { query: '?limit=1' })).status).toBe(200);
      expect((await caller.call(id)).status).toBe(200);
    }
  });

  it('purchases, and what becomes of them', async () => {
    const path = { externalId: 'order-1' };
    const early = { externalId: 'order-2' };
    for (const [id, status, call] of [
      ['putPurchase', 201, { path, body: rental() }],
      ['putPurchase', 200, { path, body: rental() }],
      ['putPurchase', 409, { path, body: rental({ userId: 'grace' }) }],
      ['getPurchase', 200, { path }],
      ['getPurchase', 404, {}],
      ['resetFirstPlay', 200, { path }],
      ['resetFirstPlay', 404, {}],
      ['revokePurchase', 200, { path }],
      ['revokePurchase', 409, { path, body: { version: 1, reason: 'fraud' } }],
      ['revokePurchase', 202, { path: early }],
      ['reinstatePurchase', 409, { path, body: { version: 1 } }],
      ['reinstatePurchase', 200, { path }],
      ['reinstatePurchase', 202, { path: early }],
    ] as const) {
      expect([id, (await caller.call(id, call)).status]).toEqual([id, status]);
    }
  });

  it('a batch, and each line of its report', async () => {
    for (const query of ['', '?report=problems']) {
      const lines = `${String(contract.operation('importPurchases').examples['two-lines'])}{"externalId":"order-3"}\nnothing\n`;
      const { status, body } = await caller.call('importPurchases', { query, body: lines });
      expect(status).toBe(200);
      const report = String(body).trimEnd().split('\n');
      expect(report).toHaveLength(query === '' ? 5 : 4);
      for (const line of report) contract.checkValue('ImportReportLine', JSON.parse(line));
    }
  });

  it('health and figures', async () => {
    for (const id of ['getLiveness', 'getReadiness', 'getStartup', 'getMetrics']) {
      expect([id, (await caller.call(id)).status]).toEqual([id, 200]);
    }
  });

  it.each(IDS)('%s, when the request is wrong: 400 and 431', async (id) => {
    expect((await caller.call(id, { query: '?nonsense=1' })).status).toBe(400);
    expect((await caller.call(id, { headers: { 'X-Filler': 'x'.repeat(20_000) } })).status).toBe(431);
  });

  it.each(IDS)('%s, with a text that Postgres does not hold: 400 that names it', async (id) => {
    const { texts, examples, bodyType } = contract.operation(id);
    const refused = { status: 400, body: { code: 'invalid-request' } };
    const inAddress = [
      ...texts.path.map((name) => [name, { path: { [name]: 'a%00b' } }] as const),
      ...texts.query.map((name) => [name, { query: `?${name}=a%00b` }] as const),
    ];
    for (const [name, call] of inAddress) {
      const answer = await caller.call(id, call);
      expect(answer).toMatchObject({ ...refused, body: { errors: [{ field: name }] } });
    }
    for (const example of Object.values(examples).filter((value) => typeof value === 'object')) {
      for (const text of ['a\0b', 'a\ud800b', '\udc00']) {
        for (const [field, body] of withEachText(example, text)) {
          expect(await caller.call(id, { body })).toMatchObject({ ...refused, body: { errors: [{ field }] } });
        }
      }
    }
    if (bodyType !== 'application/x-ndjson') return;
    for (const [field, line] of withEachText({ externalId: 'order-1', ...rental() }, 'a\0b')) {
      const { body } = await caller.call(id, { body: `${JSON.stringify(line)}\n` });
      expect(JSON.parse(String(body).split('\n')[0] ?? '')).toMatchObject({ errors: [{ field }] });
    }
  });

  it.each(documented(401).map(({ id }) => id))('%s, when the caller is wrong: 401 and 403', async (id) => {
    expect((await caller.call(id, { user: null })).status).toBe(401);
    expect((await caller.call(id, { token: { scope: 'something-else' } })).status).toBe(403);
  });

  it.each(documented(415).map(({ id }) => id))(
    '%s, when the body is wrong: 415, and 413 where it has a limit',
    async (id) => {
      expect((await caller.call(id, { headers: { 'Content-Type': 'text/plain' } })).status).toBe(415);
      if (!(413 in contract.operation(id).responses)) return;
      expect((await caller.call(id, { body: { title: 'x'.repeat(300_000) } })).status).toBe(413);
    },
  );

  it('there is nothing of management on the public port: 404', async () => {
    const ids = contract.operations.filter(({ path }) => /^\/(?:v1\/admin|metrics)/.test(path)).map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(10);
    for (const id of ids) {
      expect(await caller.call(id, { url: service.url })).toMatchObject({
        status: 404,
        body: { code: 'route-not-found' },
      });
    }
  });

  it('no licence token while ExpressPlay is away: 504 and 503', async () => {
    await service.wires.emulator.hang();
    expect((await caller.call('issueLicenseToken')).status).toBe(504);
    await service.wires.emulator.stop();
    expect((await caller.call('issueLicenseToken')).status).toBe(503);
    await service.wires.emulator.start();
  });

  it('no licence token without its KEK: 500', async () => {
    await service.database.query(`UPDATE content_key SET kek_id = 'lost' WHERE content_id = 'big-buck-bunny'`);
    const body = { contentId: 'big-buck-bunny', drm: 'playready' };
    expect((await caller.call('issueLicenseToken', { body })).status).toBe(500);
  });

  it('the ledger, with rows of every kind', async () => {
    const [started] = await service.database.query<{ external_id: string }>(
      `SELECT external_id FROM purchase WHERE user_id = 'bob' AND first_play_at IS NOT NULL`,
    );
    await caller.call('resetFirstPlay', { path: { externalId: started?.external_id ?? '' } });
    const { body } = await caller.call('listIssuances', { query: '?limit=200' });
    const decisions = (body as { issuances: { decision: string }[] }).issuances.map(({ decision }) => decision);
    expect(new Set(decisions)).toEqual(new Set(['granted', 'denied', 'failed', 'first-play-reset']));
    expect((await caller.call('listIssuances', { query: '?limit=1&user=alice' })).status).toBe(200);
  });

  it('without a database: 503', async () => {
    await service.wires.postgres.stop();
    // A probe's answer is kept for a second.
    service.clock.advance(1);
    for (const { id } of documented(503).filter(({ id: name }) => name !== 'importPurchases')) {
      const body = id === 'putPurchase' ? rental() : undefined;
      expect([id, (await caller.call(id, { body })).status]).toEqual([id, 503]);
    }
    const { body } = await caller.call('importPurchases');
    contract.checkValue('ImportReportLine', JSON.parse(String(body)));
    await service.wires.postgres.start();
  });
});

describe('what takes a service of its own', () => {
  it('ExpressPlay refuses: 502', async () => {
    const service = await TestService.start({
      environment: { EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: '201722,00000000000000000000000000000000' },
    });
    expect((await new Caller(contract, service).call('issueLicenseToken')).status).toBe(502);
    await service.stop();
  });

  it('too many requests: 429', async () => {
    const limits = { RATE_LIMIT_PER_ADDRESS_PER_MINUTE: '1', RATE_LIMIT_MANAGEMENT_PER_MINUTE: '1' };
    const service = await TestService.start({ environment: { MANAGEMENT_PORT: '0', ...limits } });
    const caller = new Caller(contract, service);
    await caller.call('listEntitlements');
    await caller.call('listContents');
    for (const { id } of documented(429)) expect([id, (await caller.call(id)).status]).toEqual([id, 429]);
    await service.stop();
  });
});

it('every operation has given every answer that the document has of it', () => {
  const hardToProvoke = (one: string) =>
    // A request that comes too slowly, and a fault that nobody foresaw, are the same for all.
    / (?:408|500)$/.test(one) ||
    // Two imports at once fill a process.
    one === 'importPurchases 503';
  expect(contract.unmet().filter((one) => !hardToProvoke(one))).toEqual([]);
});
