// The service and the command line through a pooler that gives a connection to whoever begins the next transaction.
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { Client } from 'pg';
import { PrismaService } from '@app/platform/database';
import { PurchaseClient, rental } from '../admin/purchase-client.js';
import { ctl } from '../entitlementctl/command-line.js';
import { serviceVariables } from '../entitlementctl/service-variables.js';
import { PgBouncer } from '../support/pgbouncer.js';
import { TestService } from '../support/test-service.js';
import { hasTool } from '../support/tools.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };
const LIMITS = ['statement_timeout', 'idle_in_transaction_session_timeout', 'default_transaction_isolation'];

describe.skipIf(!hasTool('pgbouncer')).each([
  ['as it comes', {}],
  ['that ignores what it does not keep', { ignore_startup_parameters: LIMITS.join(',') }],
])('PgBouncer %s (needs pgbouncer)', (_name, more) => {
  let pooler: PgBouncer;
  let service: TestService;
  let store: PurchaseClient;

  beforeAll(async () => {
    pooler = await PgBouncer.start({ server: inject('serverUrl'), settings: { ...more, default_pool_size: '4' } });
    service = await TestService.start({ pooler, environment: { DATABASE_TIMEOUT_MS: '1000' } });
    // What others behind the same pooler have must not become the service's.
    await service.database.query(`ALTER DATABASE ${service.database.name} SET timezone = 'Asia/Kolkata'`);
    store = await PurchaseClient.of(service);
  });
  afterAll(async () => {
    await service?.stop();
    await pooler?.stop();
  });

  /** Somebody else's session through the same pooler. */
  const another = async (sql: string) => {
    const client = new Client({ connectionString: pooler.url(service.database.name) });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows[0];
    } finally {
      await client.end();
    }
  };

  it('serves: ready, a token, an order, an import, a reset, and the moments are right', async () => {
    expect((await service.http().get('/health/ready')).status).toBe(200);
    const at = service.clock.now().toISOString();
    expect((await store.put('pooled', rental({ purchasedAt: at, userId: 'frank' }))).status).toBe(201);
    expect((await store.put('pooled', rental({ purchasedAt: at, userId: 'frank' }))).body.outcome).toBe('unchanged');
    const [line] = await store.import([rental({ externalId: 'pooled-2' })]);
    expect(line?.outcome).toBe('created');
    const answers = await Promise.all(Array.from({ length: 20 }, () => service.ask('frank', PLAYREADY)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const [row] = await service.database.query<{ first: Date }>(
      `SELECT first_play_at AS first FROM purchase WHERE external_id IN ('pooled', 'pooled-2') AND first_play_at IS NOT NULL`,
    );
    expect(row?.first).toEqual(service.clock.now());
    expect((await store.reset('pooled', { id: '1', reason: 'pooled' })).status).toBe(200);
  });

  it('keeps the limit of a statement, and leaves nothing of it to others', async () => {
    const locker = new Client({ connectionString: service.database.url });
    await locker.connect();
    await locker.query('BEGIN');
    await locker.query(`SELECT 1 FROM purchase WHERE external_id = 'pooled' FOR UPDATE`);
    expect((await store.put('pooled', rental({ version: 2 }))).status).toBe(503);
    await locker.query('ROLLBACK');
    await locker.end();
    expect(service.log.text).toContain('(57014)');
    const settings = LIMITS.map((name) => `current_setting('${name}') AS "${name}"`).join(', ');
    expect(await another(`SELECT ${settings}`)).toEqual({
      statement_timeout: '0',
      idle_in_transaction_session_timeout: '0',
      default_transaction_isolation: 'read committed',
    });
  });

  it('is what the command line looks through, and it only reads', async () => {
    const url = pooler.url(service.database.name);
    const env = { ...serviceVariables(service), DATABASE_URL: url };
    const doctor = await ctl(['doctor', '--only', 'database'], { env });
    expect([doctor.exitCode, doctor.stdout]).toEqual([0, expect.stringContaining('answers in')]);
    expect((await ctl(['explain', 'alice', 'sintel'], { env })).exitCode).toBe(0);
    const reader = new PrismaService({ url, poolSize: 1, timeoutMs: 5000, readOnly: true });
    await expect(reader.client.$executeRaw`DELETE FROM token_reservation`).rejects.toThrow(/25006/);
    await reader.onApplicationShutdown();
    expect((await service.http().get('/health/ready')).status).toBe(200);
  });

  it('trusts no limit that another client has left on a connection', async () => {
    const url = pooler.url(service.database.name);
    const other = new Client({ connectionString: url });
    await other.connect();
    await other.query(`SET statement_timeout = '900ms'; SET idle_in_transaction_session_timeout = '900ms'`);
    const later = new PrismaService({ url, poolSize: 1, timeoutMs: 1000 });
    await later.client.$queryRaw`SELECT 1`;
    expect(later.pool.isGuarded).toBe(true);
    await later.onApplicationShutdown();
    await other.query('RESET ALL');
    await other.end();
  });

  it('costs no more round trips once the limits are those of the role or the database', async () => {
    const { name } = service.database;
    const settings = { statement_timeout: '1s', idle_in_transaction_session_timeout: '2s' };
    const pool = () => new PrismaService({ url: pooler.url(name), timeoutMs: 1000, poolSize: 1 });
    const before = pool();
    await before.client.$queryRaw`SELECT 1`;
    expect(before.pool.isGuarded).toBe(true);
    await before.onApplicationShutdown();
    for (const [setting, value] of Object.entries(settings)) {
      await service.database.query(`ALTER DATABASE ${name} SET ${setting} = '${value}'`);
    }
    // Connections of the pooler's own take it up when they are opened.
    await service.database.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    // The first ones to come may be given a connection that has just been ended.
    await vi.waitFor(async () => {
      const after = pool();
      try {
        await after.client.$queryRaw`SELECT 1`;
        expect(after.pool.isGuarded).toBe(false);
      } finally {
        await after.onApplicationShutdown();
      }
    });
  });
});
