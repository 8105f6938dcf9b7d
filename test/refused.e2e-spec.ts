import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestService } from './support/test-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };

describe('a viewer who is not entitled is told why, and the ledger too', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it.each([
    ['carol', 'sintel', 'rental-period-ended'],
    ['dave', 'sintel', 'play-window-ended'],
    ['erin', 'sintel', 'purchase-revoked'],
    ['frank', 'sintel', 'no-purchase'],
    ['alice', 'cosmos-laundromat', 'not-yet-available'],
    ['alice', 'elephants-dream', 'content-withdrawn'],
  ])('%s, %s: %s', async (user, contentId, reason) => {
    const answer = await service.ask(user, { contentId, drm: 'playready' });
    expect(answer.status).toBe(403);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toMatchObject({ status: 403, code: 'not-entitled', reason });
    const row = (await service.ledger()).find((entry) => entry.user_id === user && entry.content_id === contentId);
    expect(row).toMatchObject({
      decision: 'denied',
      reason,
      request_id: answer.headers['x-request-id'],
      rights_type: null,
    });
  });

  it("the request's line in the log tells who, what, the decision and why, and how long it took", async () => {
    service.log.clear();
    await service.ask('carol', { contentId: 'sintel', drm: 'widevine' });
    const line = service.log.lines.find((entry) => entry.userId === 'carol' && entry.durationMs !== undefined);
    expect(line).toMatchObject({
      requestId: expect.any(String) as string,
      contentId: 'sintel',
      drm: 'widevine',
      decision: 'denied',
      reason: 'rental-period-ended',
      issuanceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
  });

  it('FairPlay for a title without an IV', async () => {
    const answer = await service.ask('alice', { contentId: 'big-buck-bunny', drm: 'fairplay' });
    expect([answer.status, answer.body.code]).toEqual([409, 'drm-not-available']);
    expect((await service.ask('alice', { contentId: 'big-buck-bunny', drm: 'playready' })).status).toBe(200);
  });

  it('a title without a key', async () => {
    await service.database.query(`DELETE FROM content_key WHERE content_id = 'tears-of-steel'`);
    const answer = await service.ask('alice', { contentId: 'tears-of-steel', drm: 'playready' });
    expect([answer.status, answer.body.code]).toEqual([409, 'drm-not-available']);
  });

  it('a title whose KEK is not configured is a fault of ours, with the KEK named in the log alone', async () => {
    await service.database.query(`UPDATE content_key SET kek_id = 'lost-kek' WHERE content_id = 'big-buck-bunny'`);
    const answer = await service.ask('alice', { contentId: 'big-buck-bunny', drm: 'playready' });
    expect([answer.status, answer.body.code]).toEqual([500, 'internal-error']);
    expect(answer.text).not.toContain('lost-kek');
    expect(service.log.text).toContain('lost-kek');
    expect((await service.ledger()).find(({ reason }) => reason === 'key-unavailable')).toMatchObject({
      decision: 'failed',
    });
  });

  it('a title that is not in the catalogue', async () => {
    const answer = await service.ask('alice', { contentId: 'no-such-title', drm: 'playready' });
    expect([answer.status, answer.body.code]).toEqual([404, 'content-not-found']);
  });
});

describe('who is asking', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it('nobody: 401 with WWW-Authenticate', async () => {
    const answer = await service.http().post('/v1/license-tokens').send(PLAYREADY);
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
  });

  it.each([
    ['an expired token', { expiresIn: -60 }],
    ["another issuer's token", { issuer: 'https://elsewhere.test' }],
    ["another audience's token", { audience: 'elsewhere' }],
  ])('%s: 401', async (_name, options) => {
    const answer = await service.ask('alice', PLAYREADY, options);
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
    expect(answer.headers['www-authenticate']).toMatch(/invalid_token/);
  });

  it('a token without the scope: 403', async () => {
    const answer = await service.ask('alice', PLAYREADY, { scope: 'something-else' });
    expect([answer.status, answer.body.code]).toEqual([403, 'insufficient-scope']);
  });

  it('the user id is the one of the token: a user in the body is refused', async () => {
    const answer = await service.ask('frank', { ...PLAYREADY, userId: 'alice' });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    expect(answer.body.errors).toEqual([expect.objectContaining({ field: 'userId' })]);
  });

  it('nothing of these is in the ledger: nobody was decided about', async () => {
    expect(await service.ledger()).toEqual([]);
  });
});

describe('what is no request', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it('names every field at once, and echoes no value', async () => {
    const answer = await service.ask('alice', { contentId: 'canary value', drm: 'clearkey', offline: 'yes', more: 1 });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    const fields = (answer.body.errors as { field: string }[]).map(({ field }) => field);
    expect(new Set(fields)).toEqual(new Set(['contentId', 'drm', 'offline', 'more']));
    expect(answer.text).not.toContain('canary');
  });

  it('an offline that is null is no flag, and buys nothing', async () => {
    const answer = await service.ask('alice', { ...PLAYREADY, offline: null });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    expect(answer.body.errors).toEqual([expect.objectContaining({ field: 'offline' })]);
  });

  it.each([
    ['no body', undefined, 'application/json', 400, 'invalid-request'],
    ['not JSON', '{"contentId":', 'application/json', 400, 'invalid-request'],
    ['a list', '[]', 'application/json', 400, 'invalid-request'],
    ['another media type', 'contentId=sintel', 'application/x-www-form-urlencoded', 415, 'unsupported-media-type'],
    ['too large', JSON.stringify({ contentId: 'x'.repeat(20_000) }), 'application/json', 413, 'payload-too-large'],
  ])('%s', async (_name, body, type, status, code) => {
    const bearer = await service.issuer.token('alice');
    const answer = await service
      .http()
      .post('/v1/license-tokens')
      .set('Authorization', `Bearer ${bearer}`)
      .set('Content-Type', type)
      .send(body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it.each([
    ['an answer nobody can give', '/v1/license-tokens', 'post', 406, 'not-acceptable'],
    ['another method', '/v1/license-tokens', 'get', 405, 'method-not-allowed'],
    ['another address', '/v1/nothing', 'get', 404, 'route-not-found'],
  ] as const)('%s', async (_name, path, method, status, code) => {
    const bearer = await service.issuer.token('alice');
    const call = service.http()[method](path).set('Authorization', `Bearer ${bearer}`).set('Accept', 'image/png');
    const answer = await (method === 'post' ? call.send(PLAYREADY) : call);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    if (status === 405) expect(answer.headers.allow).toContain('POST');
  });

  it('takes the request id it is given when that is one, and makes its own when not', async () => {
    const given = await service.http().get('/health/live').set('X-Request-Id', 'player-42');
    expect(given.headers['x-request-id']).toBe('player-42');
    const made = await service.http().get('/health/live').set('X-Request-Id', 'not an id!');
    expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});
