import { Clock, ClockModule, ManualClock } from '@app/platform/clock';
import { configurationModule, loadEnvironment } from '@app/platform/configuration';
import { fastifyAdapter, loggingModule } from '@app/platform/http';
import { telemetryModule } from '@app/platform/telemetry';
import { Controller, Get, Global, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import supertest from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { configure } from '../app.js';
import { Environment } from '../environment.js';
import { type Stage, Stages } from '../observability/stages.js';
import { OverloadModule } from '../overload.js';
import { AuthModule } from './auth.module.js';
import { CurrentUser, User } from './user.js';
import { Public, RequiresScope } from './requires-scope.decorator.js';
import { KeyServer, makeKey, sign, type SigningKey } from './testing/issuer.js';

const NOW = new Date('2026-11-21T10:00:00Z');
const good = { iss: 'https://issuer', aud: 'bff', sub: 'alice', exp: NOW.getTime() / 1000 + 60, scope: 'playback' };

@Controller()
@RequiresScope('playback')
class GuardedController {
  @Get('me')
  me(@CurrentUser() user: User): { id: string; scopes: string[] } {
    return { id: user.id, scopes: [...user.scopes] };
  }

  @Get('admin')
  @RequiresScope('admin')
  admin(): string {
    return 'admin';
  }
}

@Controller()
class OpenController {
  @Get('open')
  @Public()
  open(): string {
    return 'open';
  }

  @Get('undecided')
  undecided(): string {
    return 'undecided';
  }

  @Get('mistake')
  @Public()
  mistake(@CurrentUser() user: User): string {
    return user.id;
  }
}

const unwatched = { run: (_: Stage, work: () => Promise<unknown>) => work() };

@Global()
@Module({ providers: [{ provide: Stages, useValue: unwatched }], exports: [Stages] })
class StagesModule {}

@Module({ controllers: [GuardedController, OpenController] })
class RoutesModule {}

describe('BearerGuard', () => {
  const server = new KeyServer();
  const lines: string[] = [];
  const clock = new ManualClock(NOW);
  let key: SigningKey;
  let app: NestFastifyApplication;

  beforeAll(async () => {
    key = await makeKey('ES256', 'one');
    server.keys = [key.jwk];
    await server.up();
    const environment = loadEnvironment(Environment, {
      DATABASE_URL: 'postgresql://host/db',
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `1,${'0'.repeat(32)}`,
      CONTENT_KEY_KEKS: `demo=${'0'.repeat(32)}`,
      AUTH_ISSUER: good.iss,
      AUTH_AUDIENCE: good.aud,
      AUTH_JWKS_URL: server.url,
    });
    const stream = { write: (line: string) => void lines.push(line) };
    const testing = await Test.createTestingModule({
      imports: [
        configurationModule(Environment, environment),
        loggingModule({ level: 'info', pretty: false, stream }),
        ClockModule,
        telemetryModule({ serviceName: 'test', ratio: 0, untracedRoutes: [] }),
        StagesModule,
        OverloadModule,
        AuthModule,
        RoutesModule,
      ],
    })
      .overrideProvider(Clock)
      .useValue(clock)
      .compile();
    app = testing.createNestApplication<NestFastifyApplication>(fastifyAdapter({ bodyLimitBytes: 1000 }));
    await configure(app);
    await app.listen(0, '127.0.0.1');
  });
  beforeEach(() => void lines.splice(0));
  afterAll(async () => {
    await app.close();
    await server.down();
  });

  function get(path: string, authorization?: string): supertest.Test {
    const request = supertest(app.getHttpServer()).get(path);
    return authorization === undefined ? request : request.set('Authorization', authorization);
  }

  // First, while no keys are cached.
  it('answers 503 while the keys cannot be had', async () => {
    await server.down();
    const answer = await get('/me', `Bearer ${await sign(good, key)}`);
    await server.up();
    // The issuer is asked again when the caller was told to come again.
    clock.advance(Number(answer.headers['retry-after']));
    expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([503, 'service-unavailable', '5']);
    expect(answer.headers).not.toHaveProperty('www-authenticate');
    expect(answer.text).not.toContain('127.0.0.1');
  });

  it.each(['Bearer', 'bearer', 'BEARER '])('hands the user of a token after %j to the handler', async (scheme) => {
    const answer = await get('/me', `${scheme} ${await sign(good, key)}`);
    expect([answer.status, answer.body]).toEqual([200, { id: 'alice', scopes: ['playback'] }]);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ msg: 'request completed', userId: 'alice' });
    expect(lines.join('')).not.toContain('eyJ');
  });

  it.each([
    ['no header', undefined],
    ['another scheme', 'Basic YWxpY2U6c2VjcmV0'],
    ['a scheme that only begins alike', 'Bearerish abc'],
  ])('challenges without an error for %s', async (_, authorization) => {
    const answer = await get('/me', authorization);
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="entitlement"');
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it.each([
    ['no token', 'Bearer', 'not a well-formed'],
    ['two tokens', 'Bearer abc def', 'not a well-formed'],
    ['nonsense', 'Bearer abc', 'not a well-formed'],
  ])('names the error for %s', async (_, authorization, words) => {
    const answer = await get('/me', authorization);
    expect(answer.status).toBe(401);
    expect(answer.body.detail).toContain(words);
    expect(answer.headers['www-authenticate']).toMatch(
      /^Bearer realm="entitlement", error="invalid_token", error_description="[A-Za-z .-]+"$/,
    );
  });

  it('names the error for an expired token', async () => {
    const answer = await get('/me', `Bearer ${await sign({ ...good, exp: 1 }, key)}`);
    expect([answer.status, answer.body.detail]).toEqual([401, 'The bearer token has expired.']);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ reason: 'expired', response: { status: 401 } });
  });

  it('reads a token from nowhere but the header', async () => {
    const token = await sign(good, key);
    await get(`/me?access_token=${token}`).expect(401);
    await get('/me').set('Cookie', `access_token=${token}`).expect(401);
    expect(lines.join('')).not.toContain('eyJ');
  });

  it.each([
    ['/me', { scope: 'other' }, 'playback'],
    ['/me', { scope: undefined }, 'playback'],
    ['/admin', {}, 'admin'],
  ])('answers 403 for %s with %j', async (path, claims, scope) => {
    const answer = await get(path, `Bearer ${await sign({ ...good, ...claims }, key)}`);
    expect([answer.status, answer.body.code]).toEqual([403, 'insufficient-scope']);
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer realm="entitlement", error="insufficient_scope", scope="${scope}"`,
    );
  });

  it('takes the scope of the route over that of the controller', async () => {
    await get('/admin', `Bearer ${await sign({ ...good, scope: 'admin' }, key)}`).expect(200);
  });

  it('closes a route that does not say who may call it', async () => {
    await get('/undecided', `Bearer ${await sign(good, key)}`).expect(500);
  });

  it('leaves public routes open, and never invents a user', async () => {
    await get('/open').expect(200);
    await get('/open', 'Bearer nonsense').expect(200);
    await get('/mistake', `Bearer ${await sign(good, key)}`).expect(500);
  });
});
