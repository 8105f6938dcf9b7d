import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECURITY_HEADERS } from '../support/problems.js';
import { TestService } from '../support/test-service.js';

const PLAYER = 'https://player.example';
/** Web views of apps. */
const APPS = ['capacitor://localhost', 'ionic://localhost', 'http://localhost'];
const GOOD = { contentId: 'sintel', drm: 'playready' };

describe('cross-origin requests, with a list of origins', () => {
  let service: TestService;
  beforeAll(async () => {
    const environment = {
      CORS_ALLOWED_ORIGINS: `${PLAYER}, http://localhost:8080, ${APPS.join()}`,
      NODE_ENV: 'production',
      MANAGEMENT_PORT: '0',
    };
    service = await TestService.start({ environment });
  });
  afterAll(() => service.stop());

  const preflight = (origin: string) =>
    service
      .http()
      .options('/v1/license-tokens')
      .set('Origin', origin)
      .set('Access-Control-Request-Method', 'POST')
      .set('Access-Control-Request-Headers', 'authorization,content-type,x-evil');

  it.each([PLAYER, 'http://localhost:8080', ...APPS])('%s may ask', async (origin) => {
    const answer = await preflight(origin);
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'Authorization, Content-Type, X-Request-Id, traceparent, tracestate',
      'access-control-max-age': '600',
      vary: 'Origin',
    });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it('at an address with nothing at it nobody may', async () => {
    const ask = service.http().options('/v1/entitlements/').set('Origin', PLAYER);
    const { status, headers } = await ask.set('Access-Control-Request-Method', 'GET');
    expect([status, headers['access-control-allow-origin']]).toEqual([404, PLAYER]);
  });

  it('answers and problems can be read by an allowed page', async () => {
    const bearer = await service.issuer.token('alice');
    const ask = () => service.http().post('/v1/license-tokens').set('Origin', PLAYER).send(GOOD);
    const granted = await ask().set('Authorization', `Bearer ${bearer}`);
    expect(granted.status).toBe(200);
    expect(granted.headers).toMatchObject({ 'access-control-allow-origin': PLAYER, vary: 'Accept, Origin' });
    const refused = await ask();
    expect(refused.status).toBe(401);
    expect(refused.headers).toMatchObject({
      'access-control-allow-origin': PLAYER,
      'access-control-expose-headers': 'Retry-After, X-Request-Id',
      vary: 'Origin',
    });
  });

  it.each([
    'https://evil.example',
    'https://player.example.evil.example',
    'https://evil-player.example',
    'http://player.example',
    'https://player.example:8443',
    'https://player.example/',
    'HTTPS://PLAYER.EXAMPLE',
    'https://sub.player.example',
    'null',
    '*',
    '__proto__',
    'file://',
    'capacitor://localhost:8080',
    'Capacitor://localhost',
    'http://localhost:8081',
  ])('%s may not, and is not repeated', async (origin) => {
    const bearer = await service.issuer.token('alice');
    for (const answer of [
      await preflight(origin),
      await service.http().post('/v1/license-tokens').set('Origin', origin).send(GOOD),
      await service
        .http()
        .post('/v1/license-tokens')
        .set('Origin', origin)
        .set('Authorization', `Bearer ${bearer}`)
        .send(GOOD),
    ]) {
      const names = Object.keys(answer.headers);
      expect(names.filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(answer.headers['vary']).toContain('Origin');
    }
  });

  it('tells browsers to use https', async () => {
    expect((await service.http().get('/health/live')).headers['strict-transport-security']).toBe('max-age=31536000');
    expect((await service.http().get('/%zz')).headers['strict-transport-security']).toBe('max-age=31536000');
  });
});

describe('without a list of origins, in development', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ environment: { NODE_ENV: 'development' } });
  });
  afterAll(() => service.stop());

  it.each([
    ['http://localhost:5173', true],
    ['http://127.0.0.1:8080', true],
    ['https://[::1]', true],
    ['http://localhost.evil.example', false],
    ['http://127.0.0.1.evil.example:80', false],
    ['http://evil.example/#http://localhost', false],
    ['capacitor://localhost', false],
  ])('%s may ask: %s', async (origin, may) => {
    const ask = service.http().options('/v1/license-tokens').set('Origin', origin);
    const { status, headers } = await ask.set('Access-Control-Request-Method', 'POST');
    expect([status, headers['access-control-allow-origin']]).toEqual([204, may ? origin : undefined]);
  });
});

describe('without a list of origins', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it('no page may ask', async () => {
    const answer = await service
      .http()
      .options('/v1/license-tokens')
      .set('Origin', PLAYER)
      .set('Access-Control-Request-Method', 'POST');
    expect([answer.status, answer.headers['allow']]).toEqual([204, 'POST']);
    expect(Object.keys(answer.headers).filter((name) => /^access-control|^vary$/.test(name))).toEqual([]);
  });

  it.each([
    ['a granted token', 'post', '/v1/license-tokens', true, 200],
    ['a 401', 'post', '/v1/license-tokens', false, 401],
    ['a 404', 'get', '/nothing', false, 404],
    ['a 405', 'get', '/v1/license-tokens', false, 405],
    ['a bad address', 'get', '/%zz', false, 400],
    ['OPTIONS', 'options', '/v1/license-tokens', false, 204],
    ['HEAD', 'head', '/health/live', false, 200],
    ['health', 'get', '/health/ready', false, 200],
  ] as const)('%s carries the security headers and no banner', async (_, method, path, authenticated, status) => {
    const call = service.http()[method](path).set('Host', 'evil.example').set('X-Forwarded-Host', 'evil.example');
    if (authenticated) void call.set('Authorization', `Bearer ${await service.issuer.token('alice')}`);
    const answer = await (method === 'post' ? call.send(GOOD) : call);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject(SECURITY_HEADERS);
    for (const name of ['server', 'x-powered-by', 'via', 'set-cookie', 'strict-transport-security', 'location']) {
      expect(answer.headers).not.toHaveProperty(name);
    }
    expect(JSON.stringify(answer.headers) + answer.text).not.toContain('evil.example');
  });

  it('an error in the service says nothing of what it is made of', async () => {
    await service.database.query(`UPDATE content_key SET kek_id = 'lost-kek' WHERE content_id = 'sintel'`);
    const answer = await service.ask('alice', GOOD);
    expect(answer.status).toBe(500);
    expect(answer.headers).toMatchObject(SECURITY_HEADERS);
    expect(answer.text).not.toMatch(/lost-kek|node_modules|\bat |\.[jt]s\b|Error\b/);
  });
});
