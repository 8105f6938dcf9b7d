// An evening: viewers ask one after the other for their first token, on a Postgres of their own that a test brings into trouble.
import { Client } from 'pg';
import { expect, inject, vi } from 'vitest';
import { applyMigrations, PrismaService } from '@app/platform/database';
import { createDatabase, databaseUrl } from '@app/embedded-postgres';
import { UNWRITTEN } from '../../apps/entitlement/src/ledger/unwritten-token.js';
import { seedDemoData } from '../../prisma/seed/demo-data.js';
import { ctl } from '../entitlementctl/command-line.js';
import type { MachinePostgres } from '../support/machine-postgres.js';
import { TestService } from '../support/test-service.js';

/** Who ask at the same time. */
export const PLAYERS = 8;
/** Beyond what a request may take, on a machine that is busy with other things. */
const LONGEST_ANSWER_MS = 30_000;
/** By itself, from the end of the trouble. */
const RECOVERS_WITHIN_MS = 30_000;
const VIEWERS = 30_000;
const PLAYREADY = { contentId: 'sintel', drm: 'playready' };

/** What a viewer was answered, with moments of the machine's own clock in ms. */
interface Answer {
  user: string;
  status: number;
  id: string | undefined;
  sentAt: number;
  answeredAt: number;
}

export class Evening {
  readonly answers: Answer[] = [];
  #next = 0;
  #isOver = false;

  private constructor(
    readonly service: TestService,
    private server: MachinePostgres,
  ) {}

  static async start(server: MachinePostgres, environment: Record<string, string> = {}): Promise<Evening> {
    const url = await createDatabase(server.url, 'evening');
    await applyMigrations(url);
    const now = new Date(inject('seededAt'));
    const prisma = new PrismaService({ url, poolSize: 1, timeoutMs: 30_000 });
    await seedDemoData(prisma, { id: 'test', kek: Buffer.from(inject('kek'), 'hex') }, now);
    await prisma.client.$executeRaw`
      INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds)
      SELECT 'evening-' || n, 'evening-' || n, 'sintel', (CASE WHEN n % 2 = 1 THEN 'rental' ELSE 'buy-to-own' END)::purchase_type,
             ${now}::timestamptz, CASE WHEN n % 2 = 1 THEN ${now}::timestamptz + interval '10 days' END,
             CASE WHEN n % 2 = 1 THEN 3600 END
      FROM generate_series(0, ${VIEWERS - 1}::int) AS n`;
    await prisma.onApplicationShutdown();
    const service = await TestService.start({
      databaseUrl: url,
      // ExpressPlay is not what is in trouble, however busy the machine is.
      environment: { DATABASE_TIMEOUT_MS: '1000', EXPRESSPLAY_TIMEOUT_MS: '15000', LOG_LEVEL: 'error', ...environment },
    });
    return new Evening(service, server);
  }

  /** Runs work while viewers ask. */
  async during(work: () => Promise<void>): Promise<void> {
    const players = Array.from({ length: PLAYERS }, () => this.#play());
    try {
      await this.served(PLAYERS);
      await work();
    } finally {
      this.#isOver = true;
      await Promise.all(players);
    }
  }

  async #play(): Promise<void> {
    while (!this.#isOver) await this.ask();
  }

  /** The next viewer asks. */
  async ask(): Promise<Answer> {
    const user = `evening-${this.#next}`;
    this.#next += 1;
    const sentAt = performance.now();
    const { status, body } = await this.service.ask(user, PLAYREADY);
    const answer = { user, status, id: (body as { id?: string }).id, sentAt, answeredAt: performance.now() };
    this.answers.push(answer);
    return answer;
  }

  /** Waits until as many viewers more have been served, of those who asked after the call. @returns how long the first one took from the call, in ms */
  async served(count = 1): Promise<number> {
    const from = performance.now();
    return this.#until(count, ({ status, sentAt }) => status === 200 && sentAt >= from, from);
  }

  /** The same for viewers who were turned away. */
  async turnedAway(count = 1): Promise<number> {
    const from = performance.now();
    return this.#until(count, ({ status, sentAt }) => status === 503 && sentAt >= from, from);
  }

  async #until(count: number, isMeant: (answer: Answer) => boolean, from: number): Promise<number> {
    for (;;) {
      const found = this.answers.filter(isMeant);
      if (found.length >= count) return Math.min(...found.map(({ answeredAt }) => answeredAt)) - from;
      await this.service.http().get('/health/live');
    }
  }

  /** The database is another server's from now on. */
  failOverTo(server: MachinePostgres): void {
    this.server = server;
    this.service.wires.postgres.leadTo(server.url);
  }

  /** Waits until a standby has all that is committed now. */
  async replicatedTo(standby: MachinePostgres): Promise<void> {
    const [now] = await this.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
    const sql = `SELECT pg_last_wal_replay_lsn() >= '${now?.lsn}' AS there`;
    const isThere = async () => (await this.query<{ there: boolean }>(sql, standby))[0]?.there === true;
    await vi.waitUntil(isThere, { timeout: 60_000, interval: 50 });
  }

  async query<T extends object>(sql: string, server = this.server): Promise<T[]> {
    const client = new Client({ connectionString: databaseUrl(server.url, 'evening') });
    client.on('error', () => undefined);
    await client.connect();
    return (await client.query<T>(sql).finally(() => client.end())).rows;
  }

  get url(): string {
    return databaseUrl(this.server.url, 'evening');
  }

  /** The cookies that the log says are not in the ledger. */
  get unwritten(): string[] {
    return this.service.log.lines.flatMap(({ msg, issuanceId }) => (msg === UNWRITTEN ? [String(issuanceId)] : []));
  }

  /** Answers with a token that the ledger does not know. */
  async lost(): Promise<Answer[]> {
    const granted = await this.granted();
    return this.answers.filter(({ status, id = '' }) => status === 200 && !granted.has(id));
  }

  /** The ids of the tokens that the ledger has. */
  async granted(): Promise<Set<string>> {
    const rows = await this.query<{ id: string }>(`SELECT id FROM issuance WHERE decision = 'granted'`);
    return new Set(rows.map(({ id }) => id));
  }

  /** What the slowest answer took. */
  get longestMs(): number {
    return Math.max(...this.answers.map(({ sentAt, answeredAt }) => answeredAt - sentAt));
  }

  /** For people: what happened in figures. */
  report(what: string, figures: Record<string, number>): void {
    const count = (status: number) => this.answers.filter((answer) => answer.status === status).length;
    const all = {
      served: count(200),
      turnedAway: count(503),
      longestMs: this.longestMs,
      unwritten: this.unwritten.length,
      ...figures,
    };
    const words = Object.entries(all).map(([name, value]) => `${name} ${Math.round(value)}`);
    process.stdout.write(`\n${what}: ${words.join(', ')}\n`);
  }

  stop(): Promise<void> {
    return this.service.stop();
  }
}

/**
 * What docs/resilience.md says of a trouble: everybody is answered, and soon, with a token or to try again; at most those under way have
 * bought for nobody, each time; and viewers are served again by the same process.
 * @param againMs from the end of a trouble to the first viewer who is served
 */
export function expectBearable(
  evening: Evening,
  { againMs, troubles = 1 }: { againMs: number; troubles?: number },
): void {
  expect(new Set(evening.answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
  expect(evening.longestMs).toBeLessThan(LONGEST_ANSWER_MS);
  expect(againMs).toBeLessThan(RECOVERS_WITHIN_MS);
  expect(evening.unwritten.length).toBeLessThanOrEqual(troubles * PLAYERS);
}

/**
 * The three records agree: who has a token is in the ledger, what was bought is there or in the log, and no clock has been
 * started without a token. What is in the log is restored, and then all that was bought is in the ledger.
 */
export async function expectBooks(evening: Evening): Promise<void> {
  const issued = new Set(await evening.service.issuedCookies());
  const before = await evening.granted();
  expect(await evening.lost()).toEqual([]);
  expect([...before].filter((id) => !issued.has(id))).toEqual([]);
  // Of one whose commit was not answered both may be true: it is in the ledger, and the log says that it may not be.
  const unwritten = new Set(evening.unwritten);
  expect([...issued].filter((id) => !before.has(id) && !unwritten.has(id))).toEqual([]);
  const clocks = await evening.query(
    `SELECT p.user_id FROM purchase p LEFT JOIN issuance i ON i.purchase_id = p.id AND i.first_play
     WHERE p.user_id LIKE 'evening-%' AND p.type = 'rental' GROUP BY p.id
     HAVING count(i.id) <> CASE WHEN p.first_play_at IS NULL THEN 0 ELSE 1 END`,
  );
  expect(clocks).toEqual([]);

  const stdin = evening.service.log.text;
  const restored = await ctl(['issuances', 'restore', '-'], { stdin, env: { DATABASE_URL: evening.url } });
  expect(restored).toMatchObject({ exitCode: 0 });
  const after = await evening.granted();
  expect([...issued].filter((id) => !after.has(id))).toEqual([]);
  expect(after.size).toBe(issued.size);
}
