import { Controller, Get, Module, Post } from '@nestjs/common';
import supertest, { type Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CurrentUser, User } from '../../apps/entitlement/src/auth/user.js';
import { Public, RequiresScope } from '../../apps/entitlement/src/auth/requires-scope.decorator.js';
import { exchange, raw } from '../support/raw-http.js';
import { receiveWithin, TestService } from '../support/test-service.js';
import { RouteList, RouteListModule } from './support/route-list.js';

/** Stands among the routes of those who run the service. */
@Controller()
class ProbeController {
  @Get(['metrics/probe', 'docs/probe', 'v1/admin/open'])
  @Public()
  open(): string {
    return 'management';
  }

  @Post('v1/admin/probe')
  @RequiresScope('probe:write')
  write(@CurrentUser() user: User): string {
    return user.id;
  }
}

/** A route that somebody added without a thought of where it belongs. */
@Controller('v1/forgotten')
class ForgottenController {
  @Get()
  @Public()
  open(): string {
    return 'forgotten';
  }
}

@Module({ controllers: [ProbeController, ForgottenController] })
class ProbeModule {}

const PROBES = ['/metrics/probe', '/docs/probe', '/v1/admin/open'];
const OPEN = [...PROBES, '/metrics', '/docs', '/openapi.json'];
const RECEIVE_TIMEOUT_MS = 1000;
const GOOD = { contentId: 'sintel', drm: 'playready' };

/** An answer without what differs between any two. */
function told({ status, headers, text }: Response): unknown {
  const { date: _, 'x-request-id': id, ...rest } = headers as Record<string, string>;
  return { status, headers: rest, text: text.replaceAll(String(id), '') };
}

describe('management on a port of its own', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({
      environment: {
        MANAGEMENT_PORT: '0',
        RATE_LIMIT_PER_USER_PER_MINUTE: '2',
        RATE_LIMIT_MANAGEMENT_PER_MINUTE: '50',
      },
      limits: receiveWithin(RECEIVE_TIMEOUT_MS),
      modules: [ProbeModule, RouteListModule],
    });
  });
  afterAll(() => service.stop());

  const management = () => supertest(service.managementUrl);

  it('is another port', () => {
    expect(service.managementUrl).not.toBe(service.url);
  });

  it.each(OPEN)('%s is served there, and in public there is nothing at it', async (path) => {
    const { status, text } = await management().get(path);
    expect([status, text === 'management']).toEqual([200, PROBES.includes(path)]);
    const nothing = told(await service.http().get('/v1/nothing'));
    expect(told(await service.http().get(path))).toEqual(nothing);
    expect(nothing).toMatchObject({ status: 404 });
  });

  it("players reach the players' routes and health, of all that there are", async () => {
    const { routes } = service.app.get(RouteList, { strict: false });
    expect([...routes.keys()]).toEqual(
      expect.arrayContaining(['/v1/admin/contents/:contentId', '/v1/admin/purchases/batch']),
    );
    const reached: string[] = [];
    const nothing = told(await service.http().get('/v1/nothing'));
    for (const pattern of routes.keys()) {
      const answer = told(await service.http().get(pattern.replaceAll(/:\w+|\*/g, 'x')));
      if (JSON.stringify(answer) !== JSON.stringify(nothing)) reached.push(pattern);
    }
    expect(reached.toSorted()).toEqual([
      '/health/live',
      '/health/ready',
      '/health/startup',
      '/v1/entitlements',
      '/v1/entitlements/:contentId',
      '/v1/license-tokens',
    ]);
  });

  it('a route without a place is not open to the world', async () => {
    expect((await service.http().get('/v1/forgotten')).status).toBe(404);
    expect(await management().get('/v1/forgotten')).toMatchObject({ status: 200, text: 'forgotten' });
  });

  it.each([
    ['an id that is too long', `GET /v1/admin/contents/${'x'.repeat(1100)} HTTP/1.1`, 'Connection: close', '', 0],
    ['half a body', 'POST /v1/admin/purchases/batch HTTP/1.1', 'Content-Length: 999', '{', RECEIVE_TIMEOUT_MS],
  ])('%s tells nothing in public', async (_, line, header, body, leastMs) => {
    const lines = ['Host: player.test', 'X-Request-Id: r', 'Content-Type: application/x-ndjson', header];
    const answers: unknown[] = [];
    for (const asked of [line, line.replace(/admin.\w+/, 'nothing')]) {
      const start = performance.now();
      const [answer, ...more] = await exchange(service.url, { parts: [raw([asked, ...lines], body)] });
      answers.push({ ...answer, headers: { ...answer?.headers, date: '' }, more });
      // The rest of a body is waited for, wherever it was sent.
      expect(performance.now() - start).toBeGreaterThan(leastMs * 0.9);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ status: 404, more: [] });
  });

  it.each(['get', 'put', 'delete', 'options', 'patch'] as const)(
    '%s tells nothing in public either',
    async (method) => {
      const answer = await service.http()[method]('/v1/admin/probe');
      expect(told(answer)).toEqual(told(await service.http()[method]('/v1/nothing')));
      expect(answer.status).toBe(404);
    },
  );

  it.each([
    '/v1/%61dmin/open',
    '/v1/admin%2fopen',
    '/v1/x/../admin/open',
    '/v1/%2e/admin/open',
    '//v1/admin/open',
    '/v1//admin/open',
    '/v1/admin/open/',
    '/V1/ADMIN/open',
    '/v1/admin/open;a=b',
    '/v1/admin/open%23',
    '/metrics?x=1',
  ])('%s is no way around', async (path) => {
    expect((await service.http().get(path)).status).toBe(404);
  });

  it.each([
    ['Host', '127.0.0.1:3001'],
    ['X-Forwarded-Port', '3001'],
    ['X-Forwarded-Host', 'localhost:3001'],
    ['X-Original-URL', '/metrics'],
    ['X-Rewrite-URL', '/metrics'],
  ])('nor is the header %s: %s', async (name, value) => {
    expect((await service.http().get('/metrics').set(name, value)).status).toBe(404);
  });

  it('a token with the scope is of no use in public', async () => {
    const bearer = await service.issuer.token('machine', { scope: 'probe:write' });
    const ask = (http: ReturnType<typeof supertest>) =>
      http.post('/v1/admin/probe').set('Authorization', `Bearer ${bearer}`);
    expect((await ask(service.http())).status).toBe(404);
    expect(await ask(management())).toMatchObject({ status: 201, text: 'machine' });
  });

  it("a player's token is of no use for management", async () => {
    const bearer = await service.issuer.token('alice');
    const answer = await management().post('/v1/admin/probe').set('Authorization', `Bearer ${bearer}`);
    expect([answer.status, answer.body.code]).toEqual([403, 'insufficient-scope']);
  });

  it("players' routes are not served for management", async () => {
    const bearer = await service.issuer.token('alice');
    const answer = await management().post('/v1/license-tokens').set('Authorization', `Bearer ${bearer}`).send(GOOD);
    expect([answer.status, answer.body.code]).toEqual([404, 'route-not-found']);
    expect((await management().get('/v1/license-tokens')).status).toBe(404);
    expect((await service.ask('alice', GOOD)).status).toBe(200);
  });

  it('health is served on both', async () => {
    for (const url of [service.url, service.managementUrl]) {
      expect((await supertest(url).get('/health/ready')).status).toBe(200);
    }
  });

  it('limits machines apart from players, and each by its own measure', async () => {
    service.clock.advance(60);
    const bearer = await service.issuer.token('alice', { scope: 'probe:write' });
    const write = () => management().post('/v1/admin/probe').set('Authorization', `Bearer ${bearer}`);
    for (let call = 0; call < 50; call += 1) expect((await write()).status).toBe(201);
    expect((await write()).body.code).toBe('rate-limited');
    expect((await service.ask('alice', GOOD)).status).toBe(200);
  });
});

describe('management beside the public', () => {
  it('is served on the one port when none is given to it', async () => {
    const service = await TestService.start({ modules: [ProbeModule] });
    expect(service.managementUrl).toBe(service.url);
    for (const path of OPEN) expect((await service.http().get(path)).status).toBe(200);
    expect((await service.ask('alice', GOOD)).status).toBe(200);
    await service.stop();
  });
});

it('both ports serve while draining, let requests in flight finish, and are gone after it', async () => {
  const service = await TestService.start({ environment: { MANAGEMENT_PORT: '0', SHUTDOWN_DRAIN_SECONDS: '1' } });
  let closing: Promise<void> | undefined;
  const whileDraining: number[] = [];
  const signalled = service.wires.emulator.onceForwarded(async () => {
    closing = service.terminate();
    for (const url of [service.url, service.managementUrl]) {
      whileDraining.push((await supertest(url).get('/health/live')).status);
    }
  });
  expect((await service.ask('alice', GOOD)).status).toBe(200);
  await signalled;
  expect(whileDraining).toEqual([200, 200]);
  await closing;
  for (const url of [service.url, service.managementUrl]) {
    await expect(fetch(`${url}/health/live`)).rejects.toThrow(/fetch failed/);
  }
  await service.stop();
});
