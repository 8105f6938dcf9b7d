// A database in trouble, whatever the trouble: 503 with Retry-After, nothing bought in vain, and well again by itself.
import { Prisma, PrismaService } from '@app/platform/database';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PurchaseClient, rental, sale } from '../admin/purchase-client.js';
import { TestService } from '../support/test-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };
const UNAVAILABLE = [503, 'service-unavailable', true];

let service: TestService;
let store: PurchaseClient;
let prisma: PrismaService;
let count = 0;

beforeAll(async () => {
  service = await TestService.start({ environment: { DATABASE_POOL_SIZE: '1', DATABASE_TIMEOUT_MS: '500' } });
  store = await PurchaseClient.of(service);
  prisma = service.app.get(PrismaService, { strict: false });
  await service.database.query(
    `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds)
     SELECT id, id, 'sintel', 'rental', $1::timestamptz, $1::timestamptz + interval '30 days', 3600
     FROM unnest(ARRAY['grace-2', 'grace-3']) AS id`,
    [service.clock.now()],
  );
});
afterAll(() => service.stop());

const sql = (text: string) => service.database.query(text);
const put = () => store.put(`trouble-${(count += 1)}`, rental());
const facts = ({ status, body, headers }: Awaited<ReturnType<typeof put>>) => [
  status,
  (body as { code?: string }).code,
  Number(headers['retry-after']) > 0,
];
const ready = async () => {
  service.clock.advance(1);
  return (await service.http().get('/health/ready')).status;
};
const bought = async () => (await service.issuedCookies()).length;

async function expectWell(): Promise<void> {
  expect(await ready()).toBe(200);
  expect((await put()).status).toBe(201);
  // The first decision after a ledger write that failed is itself the one that shows whether it works again.
  await service.ask('alice', PLAYREADY);
  expect((await service.ask('alice', PLAYREADY)).status).toBe(200);
}

describe('a write that is refused', () => {
  afterEach(async () => {
    await sql('DROP FUNCTION IF EXISTS trouble() CASCADE');
    await expectWell();
  });

  it.each(['08006', '25006', '40001', '40P01', '42501', '53100', '53200', '55P03', '57014', '57P03', '58030', 'XX000'])(
    'with %s',
    async (code) => {
      await sql(`CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '${code}'; END $$`);
      for (const table of ['purchase', 'issuance']) {
        await sql(`CREATE TRIGGER trouble BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION trouble()`);
      }
      expect(facts(await put())).toEqual(UNAVAILABLE);
      const [report] = (await store.import([rental({ externalId: 'troubled' })])).slice(-1);
      expect(report?.summary).toMatchObject({ complete: false, reason: 'service-unavailable', lastLine: 0 });
      const before = await bought();
      for (let n = 0; n < 3; n += 1) expect(facts(await service.ask('alice', PLAYREADY))).toEqual(UNAVAILABLE);
      expect((await bought()) - before).toBe(1);
    },
  );

  it('for want of a partition', async () => {
    const { rows } = {
      rows: await sql(
        `SELECT inhrelid::regclass::text AS part FROM pg_inherits WHERE inhparent = 'issuance'::regclass`,
      ),
    };
    const parts = rows.map(({ part }) => String(part));
    const [{ bounds } = { bounds: '' }] = await service.database.query<{ bounds: string }>(
      `SELECT string_agg(format('ALTER TABLE issuance ATTACH PARTITION %s %s', c.oid::regclass, pg_get_expr(c.relpartbound, c.oid)), ';') AS bounds
       FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid WHERE i.inhparent = 'issuance'::regclass`,
    );
    for (const part of parts) await sql(`ALTER TABLE issuance DETACH PARTITION ${part}`);
    expect(facts(await service.ask('alice', PLAYREADY))).toEqual(UNAVAILABLE);
    expect(service.log.text).toContain('has no partition');
    for (const attach of bounds.split(';')) await sql(attach);
  });

  it('for the purchase alone: its token is bought once, and others are served', async () => {
    const holder = new Client({ connectionString: service.database.url });
    await holder.connect();
    await holder.query(`BEGIN; SELECT FROM purchase WHERE user_id = 'bob' FOR UPDATE`);
    const before = await bought();
    for (let n = 0; n < 3; n += 1) expect(facts(await service.ask('bob', PLAYREADY))).toEqual(UNAVAILABLE);
    expect((await bought()) - before).toBe(1);
    for (let n = 0; n < 2; n += 1) {
      expect((await service.ask('alice', PLAYREADY)).status).toBe(200);
      expect(facts(await service.ask('bob', PLAYREADY))).toEqual(UNAVAILABLE);
    }
    expect((await bought()) - before).toBe(3);
    await holder.query('ROLLBACK');
    await holder.query('BEGIN; LOCK TABLE purchase IN SHARE MODE');
    for (let n = 0; n < 3; n += 1) expect(facts(await service.ask('grace-2', PLAYREADY))).toEqual(UNAVAILABLE);
    expect((await bought()) - before).toBe(3);
    // Owners are served; that says nothing of rentals that are to be started.
    expect((await service.ask('alice', PLAYREADY)).status).toBe(200);
    expect(facts(await service.ask('grace-3', PLAYREADY))).toEqual(UNAVAILABLE);
    expect((await bought()) - before).toBe(4);
    await holder.end();
    expect([(await service.ask('bob', PLAYREADY)).status, (await service.ask('bob', PLAYREADY)).status]).toEqual([
      503, 200,
    ]);
  });

  it('is tried again when Postgres took it back for another one', async () => {
    await sql('CREATE SEQUENCE IF NOT EXISTS tries');
    await sql(`CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN IF nextval('tries') % 3 <> 0 THEN RAISE EXCEPTION 'trouble' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$`);
    for (const table of ['purchase', 'issuance']) {
      await sql(`CREATE TRIGGER trouble BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION trouble()`);
    }
    expect((await put()).status).toBe(201);
    expect((await service.ask('alice', PLAYREADY)).status).toBe(200);
  });
});

describe('a server that takes no writes', () => {
  const refusesAll = async () => {
    const before = await bought();
    expect(await ready()).toBe(503);
    expect(facts(await put())).toEqual(UNAVAILABLE);
    expect(facts(await service.ask('alice', PLAYREADY))).toEqual(UNAVAILABLE);
    expect((await bought()) - before).toBe(0);
    expect(service.log.text).toContain('takes no writes (25006)');
  };

  it('after a failover: its connections are refused until one leads to a primary', async () => {
    await sql(`ALTER DATABASE ${service.database.name} SET default_transaction_read_only = on`);
    service.wires.postgres.cut();
    await refusesAll();
    await sql(`ALTER DATABASE ${service.database.name} RESET default_transaction_read_only`);
    await expectWell();
  });

  it('although its connections stay: they are left with the first write, or the next probe', async () => {
    await prisma.client.$executeRaw`SET default_transaction_read_only = on`;
    service.clock.advance(1);
    expect((await service.http().get('/health/ready')).status).toBe(503);
    await expectWell();
    await prisma.client.$executeRaw`SET default_transaction_read_only = on`;
    expect(facts(await put())).toEqual(UNAVAILABLE);
    await expectWell();
  });
});

describe('stricter isolation and deadlocks', () => {
  it('what the database makes the default is not what transactions get', async () => {
    await sql(`ALTER DATABASE ${service.database.name} SET default_transaction_isolation = 'serializable'`);
    service.wires.postgres.cut();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.put('contended', sale({ version: n + 1, userId: 'alice' }))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201]));
    await sql(`ALTER DATABASE ${service.database.name} RESET default_transaction_isolation`);
    service.wires.postgres.cut();
  });

  it('two transactions that wait for each other are both stored', async () => {
    const wide = new PrismaService({ url: service.database.url, poolSize: 2, timeoutMs: 5000 });
    const titles = ['sintel', 'tears-of-steel'];
    let waiting = 0;
    let go: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      go = resolve;
    });
    const touch = (order: string[]) =>
      wide.transaction(async (tx) => {
        for (const [n, id] of order.entries()) {
          await tx.$executeRaw(Prisma.sql`UPDATE content SET title = title || '.' WHERE id = ${id}`);
          if (n === 0 && (waiting += 1) === 2) go();
          if (n === 0) await both;
        }
      });
    await Promise.all([touch(titles), touch(titles.toReversed())]);
    expect(await sql(`SELECT 1 FROM content WHERE title LIKE '%..'`)).toHaveLength(2);
    await wide.onApplicationShutdown();
  });
});
