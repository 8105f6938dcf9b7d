// An evening: viewers ask one after the other for their first token, on a Postgres of their own that a test brings into trouble.
import { Client } from 'pg';
import { expect, inject } from 'vitest';
import { applyMigrations, PrismaService } from '@app/platform/database';
import { createDatabase, databaseUrl } from '@app/embedded-postgres';
import { UNWRITTEN } from '../../apps/entitlement/src/ledger/unwritten-token.js';
import { seedDemoData } from '../../prisma/seed/demo-data.js';
import { ctl } from '../entitlementctl/command-line.js';
import type { MachinePostgres } from '../support/machine-postgres.js';
import { TestService } from '../support/test-service.js';

const PLAYERS = 8;
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

/** One row of the ledger, with what its purchase says of the first play. */
interface Row {
  id: string;
  user_id: string;
  decision: string;
  first_play: boolean;
}

export class Evening {
  readonly answers: Answer[] = [];
  #next = 0;

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
      environment: { DATABASE_TIMEOUT_MS: '1000', LOG_LEVEL: 'error', ...environment },
    });
    return new Evening(service, server);
  }

  /** Runs work while viewers ask. */
  async during(work: () => Promise<void>): Promise<void> {
    let isOver = false;
    const play = async () => {
      while (!isOver) await this.ask();
    };
    const players = Array.from({ length: PLAYERS }, play);
    try {
      await this.served(PLAYERS);
      await work();
    } finally {
      isOver = true;
      await Promise.all(players);
    }
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
  async failOverTo(server: MachinePostgres): Promise<void> {
    this.server = server;
    this.service.wires.postgres.leadTo(server.url);
  }

  async query<T extends object>(sql: string): Promise<T[]> {
    const client = new Client({ connectionString: this.url });
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

  /**
   * The three records agree: who has a token is in the ledger, what was bought is there or in the log, and no clock has been
   * started without a token. What is in the log is restored, and then all that was bought is in the ledger.
   */
  async expectBooks(): Promise<void> {
    const issued = new Set(await this.service.issuedCookies());
    const before = await this.#granted();
    const delivered = this.answers.filter(({ status }) => status === 200);
    expect(delivered.filter(({ id = '' }) => !before.has(id))).toEqual([]);
    expect([...before.keys()].filter((id) => !issued.has(id))).toEqual([]);
    const unwritten = new Set(this.unwritten);
    expect([...issued].filter((id) => !before.has(id) && !unwritten.has(id))).toEqual([]);
    // Of one whose commit was not answered both may be true: it is in the ledger, and the log says that it may not be.
    const clocks = await this.query<{ user_id: string; starts: string }>(
      `SELECT p.user_id, count(i.id) AS starts FROM purchase p
       LEFT JOIN issuance i ON i.purchase_id = p.id AND i.first_play AND i.decided_at = p.first_play_at
       WHERE p.first_play_at IS NOT NULL AND p.user_id LIKE 'evening-%' GROUP BY p.user_id HAVING count(i.id) <> 1`,
    );
    expect(clocks).toEqual([]);

    const log = this.service.log.text;
    const restored = await ctl(['issuances', 'restore', '-'], { stdin: log, env: { DATABASE_URL: this.url } });
    expect(restored).toMatchObject({ exitCode: 0 });
    const after = await this.#granted();
    expect([...issued].filter((id) => !after.has(id))).toEqual([]);
    expect(after.size).toBe(issued.size);
  }

  async #granted(): Promise<Map<string, Row>> {
    const rows = await this.query<Row>(
      `SELECT id, user_id, decision, first_play FROM issuance WHERE decision = 'granted'`,
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** For people: what happened in figures. */
  report(what: string, figures: Record<string, number>): void {
    const longest = Math.max(...this.answers.map(({ sentAt, answeredAt }) => answeredAt - sentAt));
    const count = (status: number) => this.answers.filter((answer) => answer.status === status).length;
    const all = {
      served: count(200),
      turnedAway: count(503),
      longestMs: longest,
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
