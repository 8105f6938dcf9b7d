import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PrismaService, SessionPool } from '@app/platform/database';
import { EntitlementsRepository } from '../apps/entitlement/src/entitlements/entitlements.repository.js';
import { KeyServer, makeKey } from '../apps/entitlement/src/auth/testing/issuer.js';
import { MigrationsRepository } from '../apps/entitlement/src/health/migrations.repository.js';
import { within } from './support/deadline.js';
import { LoginUsers } from './support/login-users.js';
import { TestService } from './support/test-service.js';

describe('health', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it.each(['live', 'ready', 'startup'])('/health/%s is 200 when all is well, and is not cached', async (probe) => {
    const answer = await service.http().get(`/health/${probe}`);
    expect([answer.status, answer.body.status]).toEqual([200, 'ok']);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('asks the database once a second at most', async () => {
    await service.wires.postgres.stop();
    expect((await service.http().get('/health/ready')).status).toBe(200);
    service.clock.advance(1);
    expect((await service.http().get('/health/ready')).status).toBe(503);
    await service.wires.postgres.start();
    expect((await service.http().get('/health/startup')).status).toBe(503);
    service.clock.advance(1);
    expect((await service.http().get('/health/startup')).status).toBe(200);
  });
});

describe('a new replica', () => {
  it('is not ready before it has read the signing keys, and says so; later the issuer may be away', async () => {
    const issuer = new KeyServer();
    issuer.keys = [(await makeKey('ES256', 'one')).jwk];
    await issuer.up();
    await issuer.down();
    const service = await TestService.start({ environment: { AUTH_JWKS_URL: issuer.url } });
    for (const probe of ['ready', 'startup', 'ready']) {
      const { status, body } = await service.http().get(`/health/${probe}`);
      const message = 'the signing keys have not been read yet';
      expect([status, body.error]).toEqual([503, { 'signing-keys': { status: 'down', message } }]);
    }
    expect(service.log.text.match(/"reason":"unreachable".*signing keys could not be read/g)).toHaveLength(1);
    await issuer.up();
    service.clock.advance(5);
    const { status, body } = await service.http().get('/health/ready');
    expect([status, body.details['signing-keys']]).toEqual([200, { status: 'up' }]);
    await issuer.down();
    service.clock.advance(86_400);
    expect((await service.http().get('/health/ready')).status).toBe(200);
    await service.stop();
  });

  it('has connections open when it is ready, with the statement of decisions prepared', async () => {
    const service = await TestService.start();
    const pool = service.app.get(SessionPool);
    expect(pool.state.idle).toBe(1);
    expect((await service.http().get('/health/ready')).status).toBe(200);
    expect(pool.state.idle).toBe(4);
    const text = `SELECT FROM pg_prepared_statements WHERE name LIKE 'decisions%'`;
    const found = await Promise.all(Array.from({ length: 4 }, () => pool.query({ text })));
    expect(found.map(({ rowCount }) => rowCount)).toEqual([1, 1, 1, 1]);
    await service.stop();
  });
});

describe('a database whose migrations have not been looked at', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ environment: { DATABASE_POOL_SIZE: '3', DATABASE_TIMEOUT_MS: '4000' } });
  });
  afterAll(() => service.stop());

  it('makes it neither ready nor started while some are pending; the log names them, and the answer does not', async () => {
    await service.database.query(`ALTER TABLE _prisma_migrations RENAME TO hidden`);
    for (const probe of ['ready', 'startup', 'ready']) {
      const answer = await service.http().get(`/health/${probe}`);
      expect(answer.status).toBe(503);
      expect(answer.body.error.database.message).toBe('migrations are pending');
      service.clock.advance(1);
    }
    expect(service.log.text.match(/migrations are pending: \d{14}_/g)).toHaveLength(1);
    expect((await service.http().get('/health/live')).status).toBe(200);
    await service.database.query(`ALTER TABLE hidden RENAME TO _prisma_migrations`);
  });

  it('is not taken for one without migrations by a user who may not use the schema', async () => {
    const users = new LoginUsers();
    const url = await users.create('stranger', service.database.url);
    await service.database.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
    const prisma = new PrismaService({ url, poolSize: 1, timeoutMs: 4000 });
    const migrations = new MigrationsRepository(prisma, new EntitlementsRepository(prisma), service.clock);
    await expect(migrations.pending()).rejects.toThrow(/its user may not do this \(42501\)\. Run .+db-roles/);
    await prisma.onApplicationShutdown();
    await users.drop();
  });

  it('is asked over one connection, however many probes come, and players have the others', async () => {
    const { database } = service;
    await database.query('BEGIN');
    await database.query('LOCK TABLE _prisma_migrations IN ACCESS EXCLUSIVE MODE');
    const probes = Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const answer = await service.http().get(`/health/${index % 2 === 0 ? 'ready' : 'startup'}`);
        return answer.status;
      }),
    );
    const waiting = async (): Promise<unknown> => {
      const sql = `SELECT count(*)::int FROM pg_locks JOIN pg_database ON oid = database
        WHERE datname = current_database() AND NOT granted AND relation = '_prisma_migrations'::regclass`;
      return (await database.query<{ count: number }>(sql))[0]?.count;
    };
    await expect.poll(waiting).toBeGreaterThan(0);
    expect((await service.ask('alice', { contentId: 'sintel', drm: 'playready' })).status).toBe(200);
    expect(await waiting()).toBe(1);
    await database.query('COMMIT');
    expect(new Set(await probes)).toEqual(new Set([200]));
    service.clock.advance(1);
    // From now on the history is not asked for any more.
    await database.query('BEGIN');
    await database.query('LOCK TABLE _prisma_migrations IN ACCESS EXCLUSIVE MODE');
    expect((await service.http().get('/health/ready')).status).toBe(200);
    await database.query('COMMIT');
  });
});

describe('shutting down', () => {
  it('is not ready from the signal on, still answers, lets requests in flight finish, and then is gone', async () => {
    const service = await TestService.start({ environment: { SHUTDOWN_DRAIN_SECONDS: '1' } });
    let closing: Promise<void> | undefined;
    let whileDraining: unknown;
    // While the request is on its way to ExpressPlay, the signal comes.
    const signalled = service.wires.emulator.onceForwarded(async () => {
      closing = service.terminate();
      whileDraining = (await service.http().get('/health/ready')).body;
    });
    const answer = await service.ask('alice', { contentId: 'sintel', drm: 'playready' });
    await signalled;
    expect(whileDraining).toMatchObject({ status: 'error', error: { draining: { status: 'down' } } });
    expect(answer.status).toBe(200);
    await closing;
    await expect(fetch(`${service.url}/health/live`)).rejects.toThrow(/fetch failed/);
    await service.stop();
  });

  it.each([
    ['that has sent half a request', ''],
    ['that has sent half a request behind a whole one', 'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n'],
  ])('does not wait for a caller %s', async (_name, before) => {
    const service = await TestService.start();
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    let heard = '';
    socket.on('data', (bytes) => void (heard += String(bytes))).on('error', () => undefined);
    socket.write(`${before}GET /health/live HTTP/1.1\r\nHost`);
    await vi.waitFor(() => expect(heard.includes('200 OK')).toBe(before !== ''), 10_000);
    await within(20_000, 'the end of the service', service.terminate());
    await service.stop();
  });

  it('ends with the last answer, whose caller would have kept the connection', async () => {
    const service = await TestService.start();
    const bearer = await service.issuer.token('alice');
    let closing: Promise<void> | undefined;
    const signalled = service.wires.emulator.onceForwarded(async () => {
      closing = service.terminate();
      await vi.waitFor(() => expect(service.app.getHttpServer().listening).toBe(false), 10_000);
    });
    const answer = await fetch(`${service.url}/v1/license-tokens`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ contentId: 'sintel', drm: 'playready' }),
    });
    await signalled;
    expect([answer.status, answer.headers.get('Connection')]).toEqual([200, 'close']);
    await closing;
    await service.stop();
  });
});
