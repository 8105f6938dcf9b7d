import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange, raw } from '../support/raw-http.js';
import { TestService } from '../support/test-service.js';
import { PurchaseClient, rental, sale } from './purchase-client.js';

interface OpenApi {
  components: { examples: Record<'version-conflict', { value: object }> };
}

let service: TestService;
let store: PurchaseClient;
beforeAll(async () => {
  service = await TestService.start();
  store = await PurchaseClient.of(service);
});
afterAll(() => service.stop());

const play = (user: string) => service.ask(user, { contentId: 'sintel', drm: 'playready' });

describe('a purchase', () => {
  it('is created, read as it was told, and can be played at once', async () => {
    const order = rental({ userId: 'kim', version: 7 });
    const answer = await store.put('kim-1', order);
    expect(answer.status).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toMatchObject({ externalId: 'kim-1', outcome: 'created', purchase: order });
    const read = await store.get('kim-1');
    expect([read.status, read.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(read.body).toEqual(answer.body.purchase);
    expect(read.body).toMatchObject({
      firstPlayAt: null,
      revokedAt: null,
      revocationReason: null,
      revocationVersion: 0,
    });
    expect((await play('kim')).status).toBe(200);
    expect((await store.get('kim-1')).body.firstPlayAt).toBe(service.clock.now().toISOString());
  });

  it('is replaced by a newer version, and by no other', async () => {
    const told = sale({ userId: 'lee', version: 3 });
    await store.put('lee-1', told);
    const same = await store.put('lee-1', { ...told, purchasedAt: '2026-11-21T12:00:00+02:00', periodEndsAt: null });
    expect([same.status, same.body.outcome]).toEqual([200, 'unchanged']);

    const older = await store.put('lee-1', { ...told, userId: 'nobody', version: 2 });
    expect([older.status, older.body.outcome, older.body.purchase.userId]).toEqual([200, 'stale', 'lee']);

    const contradiction = await store.put('lee-1', { ...told, contentId: 'tears-of-steel' });
    expect(contradiction.status).toBe(409);
    const { examples } = (JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as OpenApi).components;
    const { requestId } = contradiction.body as { requestId: string };
    expect(contradiction.body).toEqual({ ...examples['version-conflict'].value, requestId });

    const newer = await store.put('lee-1', rental({ userId: 'lee', version: 4 }));
    expect([newer.status, newer.body.outcome]).toEqual([200, 'updated']);
    expect((await store.get('lee-1')).body).toMatchObject({ type: 'rental', version: 4, playDurationSeconds: 172_800 });
  });

  it('keeps user, title and type once it has been played, but not its terms', async () => {
    await store.put('mia-1', rental({ userId: 'mia' }));
    await play('mia');
    for (const [field, value] of [
      ['userId', 'somebody'],
      ['contentId', 'tears-of-steel'],
    ]) {
      const moved = await store.put('mia-1', rental({ userId: 'mia', version: 2, [field as string]: value }));
      expect([moved.status, moved.body.code]).toEqual([409, 'version-conflict']);
      expect(moved.body.errors).toEqual([{ field, message: expect.stringContaining('played') }]);
    }
    expect((await store.put('mia-1', sale({ userId: 'mia', version: 2 }))).status).toBe(409);
    const { firstPlayAt } = (await store.get('mia-1')).body;
    const longer = await store.put('mia-1', rental({ userId: 'mia', version: 2, playDurationSeconds: 200_000 }));
    expect(longer.body).toMatchObject({ outcome: 'updated', purchase: { playDurationSeconds: 200_000, firstPlayAt } });
    expect(firstPlayAt).not.toBeNull();
  });

  it('may have an id of 255 characters of any kind', async () => {
    const id = `order/#${'\u{1F3AC}'.repeat(248)}`;
    expect([...id]).toHaveLength(255);
    expect((await store.put(encodeURIComponent(id), sale())).body).toMatchObject({
      externalId: id,
      outcome: 'created',
    });
    expect((await store.get(encodeURIComponent(id))).body.externalId).toBe(id);
    for (const wrong of [`${id}x`, 'tab\there', 'nul\u0000']) {
      const answer = await store.put(encodeURIComponent(wrong), sale());
      expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, 'externalId']);
    }
  });

  const exactly = async (method: string, path: string, value: object) => {
    const body = JSON.stringify(value);
    const head = [`${method} /v1/admin/purchases/${path} HTTP/1.1`, 'Host: a', `Authorization: Bearer ${store.bearer}`];
    const rest = ['Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close'];
    const [answer] = await exchange(service.url, { parts: [raw([...head, ...rest], body)] });
    return answer;
  };

  it('may have the id that is another address too', async () => {
    expect((await store.put('batch', sale())).status).toBe(201);
    expect((await store.get('batch')).body.externalId).toBe('batch');
    const { status, headers } = await service.http().delete('/v1/admin/purchases/batch');
    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD, POST, PUT']);
  });

  it.each(['.', '..', '%2e', '%2E.'])(
    'may not have the id %s, which no client that follows addresses reaches',
    async (id) => {
      const answer = await exactly('PUT', id, sale());
      expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('and not . or ..') });
    },
  );

  it('that has such an id from before can be revoked', async () => {
    await store.put('order-dots', sale());
    await service.database.query(`UPDATE purchase SET external_id = '..' WHERE external_id = 'order-dots'`);
    const answer = await exactly('POST', '%2e%2e/revocation', { version: 2, reason: 'refund' });
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('"outcome":"updated"') });
  });

  it('may be of a user of 255 characters of any kind, who can then play', async () => {
    const userId = '\u{1F3AC}'.repeat(255);
    expect((await store.put('order-emoji', sale({ userId }))).status).toBe(201);
    expect((await service.ask(userId, { contentId: 'sintel', drm: 'playready' })).status).toBe(200);
  });

  it('that is not there is a 404', async () => {
    const answer = await store.get('nothing');
    expect([answer.status, answer.body.code]).toEqual([404, 'purchase-not-found']);
  });

  it('of a title that is not there is refused by name', async () => {
    const answer = await store.put('x-1', sale({ contentId: 'nothing' }));
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    expect(answer.body.errors).toEqual([{ field: 'contentId', message: 'content nothing does not exist' }]);
  });
});

describe('a PUT is refused, with every field named', () => {
  it.each<[string, object, string[]]>([
    ['nothing', {}, ['contentId', 'purchasedAt', 'type', 'userId', 'version']],
    ['an unknown field', sale({ colour: 'red' }), ['colour']],
    ['an external id in the body', sale({ externalId: 'x' }), ['externalId']],
    ['a version 0', sale({ version: 0 }), ['version']],
    ['a version that is no whole number', sale({ version: 1.5 }), ['version']],
    ['a version that is a text', sale({ version: '2' }), ['version']],
    ['a version beyond what JSON keeps exactly', sale({ version: 2 ** 53 }), ['version']],
    ['a user with a control character', sale({ userId: 'a\u0007' }), ['userId']],
    ['a user that is half a character', sale({ userId: '\ud83d' }), ['userId']],
    ['everybody as the user', sale({ userId: '*' }), ['userId']],
    ['a user of 256 characters', sale({ userId: 'a'.repeat(256) }), ['userId']],
    ['an unknown type', sale({ type: 'gift' }), ['type']],
    ['a sale with terms', sale({ playDurationSeconds: 5 }), ['playDurationSeconds']],
    ['a rental without terms', sale({ type: 'rental' }), ['periodEndsAt', 'playDurationSeconds']],
    ['a rental of no duration', rental({ playDurationSeconds: 0 }), ['playDurationSeconds']],
    ['a leap second', sale({ purchasedAt: '2016-12-31T23:59:60Z' }), ['purchasedAt']],
    ['a day that is none', sale({ purchasedAt: '2026-02-30T10:00:00Z' }), ['purchasedAt']],
    ['a moment without an offset', sale({ purchasedAt: '2026-02-03T10:00:00' }), ['purchasedAt']],
    ['a list', [sale()], ['']],
  ])('%s', async (_name, body, fields) => {
    const answer = await store.put('refused', body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    const errors = answer.body.errors as { field: string }[];
    expect(errors.map(({ field }) => field).sort()).toEqual(fields);
    expect((await store.get('refused')).status).toBe(404);
  });
});

describe('customer support takes a first play back', () => {
  const reset = { id: 'ticket-1', reason: 'The player crashed.' };

  it('so that the viewer can start again; the ledger tells who, why and in which request', async () => {
    await store.put('noa-1', rental({ userId: 'noa', playDurationSeconds: 3600 }));
    await play('noa');
    service.clock.advance(7200);
    expect((await play('noa')).body.reason).toBe('play-window-ended');

    const answer = await store.reset('noa-1', reset);
    expect([answer.status, answer.body.outcome]).toEqual([200, 'updated']);
    expect(answer.body.purchase).toMatchObject({ firstPlayAt: null, firstPlayResetId: 'ticket-1' });
    const rows = await ledger('noa-1');
    expect(rows).toMatchObject([
      {
        user_id: 'noa',
        content_id: 'sintel',
        drm: null,
        reason: null,
        actor: 'store',
        note: reset.reason,
        request_id: answer.headers['x-request-id'],
      },
    ]);
    expect((await play('noa')).body.rights).toMatchObject({ type: 'rental', playDurationSeconds: 3600 });
    expect((await store.get('noa-1')).body.firstPlayAt).toBe(service.clock.now().toISOString());
  });

  it('once for each id, however late and in whatever order it is repeated', async () => {
    const again = await store.reset('noa-1', reset);
    expect([again.status, again.body.outcome]).toEqual([200, 'unchanged']);
    expect(again.body.purchase.firstPlayAt).not.toBeNull();
    await store.reset('noa-1', { ...reset, id: 'ticket-2' });
    await play('noa');
    for (const id of ['ticket-1', 'ticket-2']) {
      expect((await store.reset('noa-1', { ...reset, id })).body.outcome).toBe('unchanged');
    }
    expect((await store.get('noa-1')).body.firstPlayAt).not.toBeNull();
    expect(await ledger('noa-1')).toHaveLength(2);
  });

  it('once, of many at the same instant', async () => {
    await store.put('oli-1', rental({ userId: 'oli' }));
    await play('oli');
    const answers = await Promise.all(Array.from({ length: 8 }, () => store.reset('oli-1', reset)));
    expect(answers.map(({ body }) => String(body.outcome)).sort()).toEqual([
      ...Array<string>(7).fill('unchanged'),
      'updated',
    ]);
    expect(await ledger('oli-1')).toHaveLength(1);
  });

  it('does nothing to a rental that was not started, and a repetition does nothing to one that was started since', async () => {
    await store.put('pat-1', rental({ userId: 'pat' }));
    expect((await store.reset('pat-1', reset)).body).toMatchObject({ outcome: 'unchanged' });
    await play('pat');
    expect((await store.reset('pat-1', reset)).body.outcome).toBe('unchanged');
    expect((await store.get('pat-1')).body.firstPlayAt).not.toBeNull();
    expect(await ledger('pat-1')).toEqual([]);
  });

  it('of a rental alone, with an id and a reason', async () => {
    await store.put('sold', sale());
    expect((await store.reset('sold', reset)).status).toBe(400);
    expect((await store.reset('nothing', reset)).body.code).toBe('purchase-not-found');
    const wrong = await store.reset('pat-1', { id: '', reason: 'x'.repeat(501), force: true });
    expect(wrong.status).toBe(400);
    const errors = wrong.body.errors as { field: string }[];
    expect(errors.map(({ field }) => field).sort()).toEqual(['force', 'id', 'reason']);
  });

  function ledger(externalId: string): Promise<Record<string, unknown>[]> {
    return service.database.query(
      `SELECT issuance.* FROM issuance JOIN purchase ON purchase.id = purchase_id
       WHERE external_id = $1 AND decision = 'first-play-reset' ORDER BY decided_at`,
      [externalId],
    );
  }
});

describe('who may', () => {
  const routes = [
    ['get', 'x'],
    ['put', 'x'],
    ['post', 'x/revocation'],
    ['post', 'x/reinstatement'],
    ['post', 'x/first-play-reset'],
    ['post', 'batch'],
  ] as const;

  it.each(routes)('%s %s wants the scope purchases:write', async (method, path) => {
    const others = await PurchaseClient.of(service, 'playback catalog:write ledger:read');
    const type = path === 'batch' ? 'application/x-ndjson' : 'application/json';
    const answer = await others.send(method, path, method === 'get' ? undefined : '{}', { 'Content-Type': type });
    expect([answer.status, answer.body.code]).toEqual([403, 'insufficient-scope']);
    expect(answer.headers['www-authenticate']).toContain('scope="purchases:write"');
    const nobody = await store.send(method, path, method === 'get' ? undefined : '{}', {
      'Content-Type': type,
      Authorization: '',
    });
    expect([nobody.status, nobody.body.code]).toEqual([401, 'unauthenticated']);
  });

  it('and a Postgres that is away is a 503 to all of them', async () => {
    await service.wires.postgres.stop();
    for (const answer of [
      await store.put('away', sale()),
      await store.get('away'),
      await store.revoke('away', { version: 1, reason: 'refund' }),
      await store.reset('away', { id: '1', reason: 'x' }),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([503, 'service-unavailable']);
    }
    await service.wires.postgres.start();
    expect((await store.get('away')).status).toBe(404);
  });
});
