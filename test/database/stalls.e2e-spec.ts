// Bytes between the service and Postgres that are held, at every message, until the service has given up, and then let go.
import { setTimeout as delay } from 'node:timers/promises';
import { PrismaService } from '@app/platform/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PurchaseClient, rental, type ReportLine } from '../admin/purchase-client.js';
import { until } from '../admin/until.js';
import { within } from '../support/deadline.js';
import { TestService } from '../support/test-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };
const MAY_BE_STORED = 'may have been stored';
const MOST_MESSAGES = 12;

interface Answer {
  status: number;
  body: { detail?: string; id?: string };
  /** Whether what was asked for is in the database. */
  isStored: () => Promise<boolean>;
}

let service: TestService;
let store: PurchaseClient;
let count = 0;

beforeAll(async () => {
  service = await TestService.start({ environment: { DATABASE_TIMEOUT_MS: '150', DATABASE_POOL_SIZE: '4' } });
  store = await PurchaseClient.of(service);
  // A scrape has Postgres asked for the ledger's months; with this clock it is asked once, and not in what is held here.
  await until(async () => (await metrics()).includes('\nentitlement_ledger_months_ahead '));
});
afterAll(() => service.stop());

const exists = async (sql: string, values: unknown[]) => (await service.database.query(sql, values)).length > 0;
const isPurchase = (id: string) => exists('SELECT 1 FROM purchase WHERE external_id = $1', [id]);
const next = () => `stalled-${(count += 1)}`;

/** What is asked, each time of something else. */
const ASKED: Record<string, () => Promise<Answer>> = {
  'a PUT': async () => {
    const id = next();
    const { status, body } = await store.put(id, rental());
    return { status, body, isStored: () => isPurchase(id) };
  },
  'an import': async () => {
    const id = next();
    const report: ReportLine[] = await store.import([rental({ externalId: id }), rental({ externalId: `${id}b` })]);
    const done = report.filter(({ outcome }) => outcome === 'created').length;
    // An import that could not go on says what to send again, whether it is stored or not.
    const detail = report.at(-1)?.summary?.['complete'] === false ? MAY_BE_STORED : undefined;
    const body = detail === undefined ? {} : { detail };
    return { status: done === 2 ? 200 : 503, body, isStored: () => isPurchase(`${id}b`) };
  },
  'a reset': async () => {
    const id = next();
    await service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds, first_play_at)
       VALUES ($1, $1, 'sintel', 'rental', $2, $2::timestamptz + interval '30 days', 172800, $2)`,
      [id, service.clock.now()],
    );
    const { status, body } = await store.reset(id, { id: 'r', reason: 'stalled' });
    const sql = `SELECT 1 FROM purchase p JOIN issuance i ON i.purchase_id = p.id
      WHERE external_id = $1 AND first_play_at IS NULL AND decision = 'first-play-reset'`;
    return { status, body, isStored: () => exists(sql, [id]) };
  },
  'a token request': async () => {
    const id = next();
    await service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at) VALUES ($1, $1, 'sintel', 'buy-to-own', $2)`,
      [id, service.clock.now()],
    );
    const { status, body } = await service.ask(id, PLAYREADY);
    const sql = `SELECT 1 FROM issuance WHERE user_id = $1 AND decision = 'granted'`;
    return { status, body, isStored: () => exists(sql, [id]) };
  },
};

async function expectTrue({ status, body, isStored }: Answer): Promise<void> {
  const stored = await isStored();
  if (status < 300) expect(stored).toBe(true);
  else {
    expect(status).toBe(503);
    if (stored) expect(body.detail).toContain(MAY_BE_STORED);
  }
}

/** A token and a revocation right after it: what answers 200 is in the database. */
async function expectUsable(): Promise<void> {
  // After a ledger write that failed one request is refused: the row that says so shows that rows can be written again.
  await expectTrue(await ASKED['a token request']!());
  for (const name of ['a token request', 'a PUT']) {
    const answer = await ASKED[name]!();
    expect([name, answer.status < 300, await answer.isStored()]).toEqual([name, true, true]);
  }
  expect((await store.revoke('demo-alice-sintel', { version: count, reason: 'refund' })).status).toBe(202);
  expect(await exists('SELECT 1 FROM early_revocation WHERE version = $1', [count])).toBe(true);
}

const metrics = async () => (await fetch(`${service.managementUrl}/metrics`)).text();

const destroyed = async () => {
  const text = await metrics();
  // Where this process and Postgres run out of patience at once, either may be the first to close the connection.
  const counts = text.matchAll(/connections_destroyed_total\{reason="(?:deadline|broken)"\} (\d+)/g);
  return [...counts].reduce((sum, [, found]) => sum + Number(found), 0);
};

describe.each(Object.entries(ASKED))('%s', (_name, ask) => {
  it.each(['to-server', 'to-client'] as const)(
    'held %s at each of its messages until it was given up',
    async (direction) => {
      let points = 0;
      for (let n = 1; n <= MOST_MESSAGES; n += 1) {
        const before = await destroyed();
        const stall = service.wires.postgres.hold(direction, n);
        const answer = await within(30_000, 'an answer', ask());
        const { isMet } = stall;
        stall.letGo();
        await expectTrue(answer);
        await expectUsable();
        // Also what was on its way when it was let go.
        await expectTrue(answer);
        if (!isMet) break;
        points += 1;
        expect(await destroyed()).toBeGreaterThan(before);
      }
      expect(points).toBeGreaterThan(0);
      expect(points).toBeLessThan(MOST_MESSAGES);
    },
  );
});

it('a limit of the connection string gives up no answer that the service would go on without', async () => {
  const url = new URL(service.database.url);
  url.searchParams.set('query_timeout', '50');
  const patient = new PrismaService({ url: url.href, poolSize: 1, timeoutMs: 5000 });
  await expect(patient.client.$queryRaw`SELECT pg_sleep(0.2)::text`).resolves.toHaveLength(1);
  await patient.onApplicationShutdown();
});

describe('under load', () => {
  // A process takes two imports at once.
  const many = () => {
    const { 'an import': anImport, ...others } = ASKED;
    const rounds = Array.from({ length: 12 }, () => Object.values(others).map((ask) => ask())).flat();
    return Promise.all([anImport!(), anImport!(), ...rounds]);
  };

  it('all that is held until it was given up', async () => {
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let passed = 0;
    service.wires.postgres.tap = async () => {
      if ((passed += 1) > 25) await held;
      return true;
    };
    const answers = await within(30_000, 'all answers', many());
    service.wires.postgres.tap = undefined;
    letGo();
    expect(answers.filter(({ status }) => status === 503).length).toBeGreaterThan(0);
    await expectUsable();
    for (const answer of answers) await expectTrue(answer);
  });

  it('all that is held for less', async () => {
    service.wires.postgres.tap = async () => {
      await delay(10);
      return true;
    };
    const answers = await within(60_000, 'all answers', many());
    service.wires.postgres.tap = undefined;
    expect(answers.some(({ status }) => status < 300)).toBe(true);
    for (const answer of answers) await expectTrue(answer);
    await expectUsable();
  });
});
