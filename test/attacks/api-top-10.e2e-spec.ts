// The OWASP API Security Top 10 (2023), one attack after the other, against a running service.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, SECURITY_HEADERS } from '../support/problems.js';
import { TestService } from '../support/test-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };

describe('OWASP API Security Top 10', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({
      environment: { TOKEN_LIMIT_PER_TITLE: '3', RATE_LIMIT_PER_USER_PER_MINUTE: '0' },
    });
  });
  afterAll(() => service.stop());

  const send = async (
    method: string,
    path: string,
    scope: string,
    body?: object,
    headers: Record<string, string> = {},
  ) => {
    const answer = await fetch(`${service.url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${await service.issuer.token('frank', { scope })}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      redirect: 'manual',
    });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  };

  it("API1 broken object level authorization: nobody reaches another viewer's titles, by no parameter", async () => {
    for (const extra of [{ userId: 'alice' }, { sub: 'alice' }, { user: 'alice' }]) {
      expectProblem(
        await send('POST', '/v1/license-tokens', 'playback', { ...PLAYREADY, ...extra }),
        400,
        'invalid-request',
      );
    }
    for (const query of ['?user=alice', '?userId=alice', '?sub=alice']) {
      expectProblem(await send('GET', `/v1/entitlements${query}`, 'playback'), 400, 'invalid-request');
    }
    const impersonated = await send('POST', '/v1/license-tokens', 'playback', PLAYREADY, { 'X-User-Id': 'alice' });
    expectProblem(impersonated, 403, 'not-entitled');
    const listed = await send('GET', '/v1/entitlements', 'playback');
    expect(JSON.parse(listed.body)).toMatchObject({ entitlements: [], nextCursor: null });
  });

  it('API2 broken authentication: no token, half a token and a token in the wrong place are nobody', async () => {
    const good = await service.issuer.token('alice');
    const [header = '', payload = ''] = good.split('.');
    const attempts: [string, Record<string, string>][] = [
      ['', {}],
      ['', { Authorization: `Basic ${good}` }],
      ['', { Authorization: `Bearer ${header}.${payload}.` }],
      ['', { Authorization: `Bearer ${header}.${payload}` }],
      ['', { Cookie: `access_token=${good}` }],
      ['', { 'X-Access-Token': good }],
    ];
    for (const [query, headers] of attempts) {
      const answer = await fetch(`${service.url}/v1/license-tokens${query}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(PLAYREADY),
      });
      expect(answer.status).toBe(401);
    }
  });

  it('API3 broken object property level authorization: no property is written or shown that is not for the caller', async () => {
    for (const extra of [
      { rights: { type: 'buy-to-own' } },
      { persistent: true },
      { expirationTime: '+999999' },
      { kek: 'x' },
    ]) {
      const answer = await send('POST', '/v1/license-tokens', 'playback', { ...PLAYREADY, ...extra });
      expectProblem(answer, 400, 'invalid-request');
    }
    const order = {
      version: 1,
      userId: 'mallory',
      contentId: 'sintel',
      type: 'buy-to-own',
      purchasedAt: '2026-01-01T00:00:00Z',
    };
    const written = await send('PUT', '/v1/admin/purchases/api3', 'purchases:write', {
      ...order,
      firstPlayAt: null,
      revokedAt: null,
    });
    expectProblem(written, 400, 'invalid-request');
    const shown = await service.ask('alice', PLAYREADY);
    expect(Object.keys(shown.body as object).sort()).toEqual(
      [
        'contentId',
        'drm',
        'id',
        'keys',
        'licenseAcquisitionUrl',
        'licenseUrl',
        'rights',
        'token',
        'tokenExpiresAt',
      ].sort(),
    );
  });

  it('API4 unrestricted resource consumption: bodies, pages and tokens have a most', async () => {
    const large = await send('POST', '/v1/license-tokens', 'playback', {
      contentId: 'x'.repeat(100_000),
      drm: 'playready',
    });
    expectProblem(large, 413, 'payload-too-large');
    expectProblem(await send('GET', '/v1/entitlements?limit=1000000', 'playback'), 400, 'invalid-request');
    expectProblem(await send('GET', '/v1/admin/issuances?limit=1000000', 'ledger:read'), 400, 'invalid-request');
    const statuses = [];
    for (let time = 0; time < 4; time += 1) statuses.push((await service.ask('grace', PLAYREADY)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it.each([
    ['playback', 'GET', '/v1/admin/issuances'],
    ['playback', 'PUT', '/v1/admin/purchases/x'],
    ['playback', 'PUT', '/v1/admin/contents/sintel/key'],
    ['purchases:write', 'PUT', '/v1/admin/contents/sintel/keys'],
    ['ledger:read', 'PUT', '/v1/admin/purchases/x'],
    ['purchases:write', 'PUT', '/v1/admin/contents/sintel'],
    ['catalog:write', 'POST', '/v1/admin/purchases/x/first-play-reset'],
    ['catalog:write purchases:write ledger:read', 'POST', '/v1/license-tokens'],
  ])('API5 broken function level authorization: scope %s does not open %s %s', async (scope, method, path) => {
    expectProblem(await send(method, path, scope, method === 'GET' ? undefined : {}), 403, 'insufficient-scope');
  });

  it('API6 unrestricted access to sensitive business flows: asking in parallel buys no more tokens than are allowed', async () => {
    const kinds = ['playready', 'fairplay', 'widevine'].flatMap((drm) =>
      [false, true].map((offline) => ({ drm, offline })),
    );
    const answers = await Promise.all(kinds.map((kind) => service.ask('bob', { contentId: 'sintel', ...kind })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
  });

  it('API7 server side request forgery: nothing in a request makes the service call anybody', async () => {
    const trap = createServer().listen(0, '127.0.0.1');
    await once(trap, 'listening');
    let calls = 0;
    trap.on('connection', (socket) => {
      calls += 1;
      socket.destroy();
    });
    const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/`;
    await send('POST', '/v1/license-tokens', 'playback', { ...PLAYREADY, contentId: url });
    await send('POST', '/v1/license-tokens', 'playback', { ...PLAYREADY, licenseUrl: url });
    await send('POST', '/v1/license-tokens', 'playback', PLAYREADY, {
      'X-Forwarded-Host': url,
      Referer: url,
      Origin: url,
    });
    await send('GET', `/v1/entitlements?cursor=${encodeURIComponent(url)}`, 'playback');
    await close(trap);
    expect(calls).toBe(0);
  });

  it('API8 security misconfiguration: no banner, no stack, security headers on all answers, no foreign origin, no TRACE', async () => {
    const malformed = await fetch(`${service.url}/v1/license-tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: 'https://evil.example' },
      body: '{"contentId":',
    });
    expect(malformed.status).toBeGreaterThanOrEqual(400);
    expect(Object.fromEntries(malformed.headers)).toMatchObject(SECURITY_HEADERS);
    expect(malformed.headers.get('access-control-allow-origin')).toBeNull();
    expect(malformed.headers.get('server')).toBeNull();
    expect(await malformed.text()).not.toMatch(/node_modules|\bat \S+ \(|fastify/i);
    expectProblem(await send('DELETE', '/v1/license-tokens', 'playback'), 405, 'method-not-allowed');
  });

  it.each([
    '/v0/license-tokens',
    '/v2/license-tokens',
    '/license-tokens',
    '/admin',
    '/debug',
    '/.env',
    '/swagger',
    '/graphql',
    '/health',
    '/v1',
  ])('API9 improper inventory management: there is nothing at %s', async (path) => {
    expectProblem(await send('GET', path, 'playback'), 404, 'route-not-found');
  });

  it.each([
    ['a licence URL of a foreign host', '{"licenseAcquisitionUrl":"https://evil.example/pr","token":"AAAA"}'],
    ['a licence URL of another scheme', '{"licenseAcquisitionUrl":"javascript:alert(1)","token":"AAAA"}'],
    ['a token that is none', '{"licenseAcquisitionUrl":"http://127.0.0.1/pr","token":"<script>"}'],
    ['no token', '{"licenseAcquisitionUrl":"http://127.0.0.1/pr"}'],
    ['a redirection', undefined],
  ])('API10 unsafe consumption of APIs: ExpressPlay answering with %s is not believed', async (_name, body) => {
    const upstream = createServer((socket) => {
      const head =
        body === undefined
          ? 'HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n'
          : `HTTP/1.1 200 OK\r\nContent-Type: text/uri-list\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(head));
    }).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const fooled = await TestService.start({
      environment: { EXPRESSPLAY_BASE_URL: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}` },
    });
    const answer = await fooled.ask('alice', PLAYREADY);
    expect(answer.status).toBeGreaterThanOrEqual(502);
    expect(answer.text).not.toMatch(/evil|script|AAAA/);
    expect((await fooled.ledger()).map(({ decision }) => decision)).toEqual(['failed']);
    await fooled.stop();
    await close(upstream);
  });
});

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}
