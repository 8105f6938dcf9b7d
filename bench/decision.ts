// `npm run bench -- decision`: is a decision as fast with ten million purchases as with a thousand, and by indexes alone?
import { randomBytes } from 'node:crypto';
import { databaseServer } from '@app/embedded-postgres';
import { candidateTitlesQuery, decisionQuery } from '../apps/entitlement/src/entitlements/entitlements.repository.js';
import { generateOptions, type GenerateOptions } from '../prisma/seed/generate-options.js';
import { runCommand } from '../scripts/support/run-command.js';
import { GeneratedDatabase, type Pair } from './support/generated-database.js';
import { largeTables, readsAll, scansOf, type Scan, type Statement } from './support/query-plan.js';
import { timeOf, timingOf, type Timing } from './support/timing.js';

const SMALL = 1000;
const MOST_RATIO = 1.5;
const EXPLAINED = 20;
const ROUNDS = 20;
const ROUND = 500;
const DEFAULTS = ['--users', '100000', '--purchases', '10000000'];
const LIMITS = { windowSeconds: 3600, perUser: 200, perTitle: 50, reservationSeconds: 13 };

/** What the service asks for a decision: to show it, and to buy a token, which reserves one. */
const STATEMENTS: [string, (pair: Pair, at: Date) => Statement][] = [
  ['decision', ({ userId, contentId }) => decisionQuery(userId, contentId)],
  [
    'decision with a reservation',
    ({ userId, contentId }, at) =>
      decisionQuery(userId, contentId, { issuanceId: randomBytes(16).toString('hex'), at, limits: LIMITS }),
  ],
];

const failures: string[] = [];

await runCommand(async () => {
  const options = generateOptions([...DEFAULTS, ...process.argv.slice(2)], new Date());
  if (options === undefined) throw new Error(`npm run bench -- decision ${DEFAULTS.join(' ')}`);
  const server = await databaseServer(process.env.DATABASE_URL);
  const databases: GeneratedDatabase[] = [];
  try {
    for (const purchases of [SMALL, options.purchases]) {
      databases.push(await GeneratedDatabase.create(server.url, { ...options, purchases }, say));
    }
    const [small, large] = databases;
    if (small === undefined || large === undefined) return;
    say(
      `${large.purchases} purchases and ${options.contents} contents take ${(await large.gigabytes()).toFixed(1)} GB`,
    );
    for (const [name, statement] of STATEMENTS)
      await compare(name, (pair) => statement(pair, options.at), small, large);
    await measureList(large, options);
  } finally {
    for (const database of databases) await database.drop();
    await server.stop();
  }
  if (failures.length > 0) throw new Error(failures.join('\n'));
});

/** Times and explains a statement with few and with many purchases, in turns, so that a busy machine slows both. */
async function compare(
  name: string,
  statement: (pair: Pair) => Statement,
  small: GeneratedDatabase,
  large: GeneratedDatabase,
): Promise<void> {
  const runs = await Promise.all(
    [small, large].map(async (database) => {
      const pairs = await database.pairs(ROUND * (ROUNDS + 1));
      return { database, pairs, times: [] as number[] };
    }),
  );
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { database, pairs, times } of runs) {
      for (const pair of pairs.slice(round * ROUND, (round + 1) * ROUND)) {
        const milliseconds = await timeOf(database.client, statement(pair));
        // The first round opens what a connection keeps; the others ask for pairs of their own.
        if (round > 0) times.push(milliseconds);
      }
    }
  }
  // Afterwards, when tables are as busy use leaves them, and functions have settled on their plans.
  for (const { database, pairs } of runs) {
    await explain(`${name}, ${database.purchases} purchases`, database, pairs.slice(0, EXPLAINED).map(statement));
  }
  const [few, many] = runs.map(({ database, times }) => {
    const timing = timingOf(times);
    say(`${name}, ${database.purchases} purchases: ${written(timing)} (${times.length} times)`);
    return timing;
  });
  if (few === undefined || many === undefined) return;
  for (const percentile of ['p50', 'p99'] as const) {
    const ratio = many[percentile] / few[percentile];
    say(`${name}, ${percentile}: ratio ${ratio.toFixed(2)}`);
    if (!(ratio <= MOST_RATIO)) failures.push(`${name}: the ratio of ${percentile} is above ${MOST_RATIO}`);
  }
}

/** A viewer with 5000 purchases, all but one in a hundred ended, asks for the list. */
async function measureList(database: GeneratedDatabase, { at, contents }: GenerateOptions): Promise<void> {
  await database.client.query(
    `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds)
     SELECT 'viewer-' || n, 'viewer', 'generated-' || 1 + n % $2::int, 'rental', $1::timestamptz - interval '90 days',
            $1::timestamptz + CASE WHEN n % 100 = 0 THEN 30 ELSE -60 END * interval '1 day', 172800
     FROM generate_series(1, 5000) n`,
    [at, contents],
  );
  const statement = candidateTitlesQuery({ userId: 'viewer', at, limit: 51 });
  await explain('list', database, [statement]);
  const times: number[] = [];
  for (let count = 0; count < ROUND; count += 1) times.push(await timeOf(database.client, statement));
  say(`list of a viewer with 5000 purchases, ${database.purchases} purchases: ${written(timingOf(times))}`);
}

/**
 * Says which scans statements are made of; one that reads a whole table is a failure. A table of at most one page is let
 * through: that page is all there is to read, so PostgreSQL rightly does without its index.
 */
async function explain(name: string, { client }: GeneratedDatabase, statements: readonly Statement[]): Promise<void> {
  const scans: Scan[] = [];
  for (const statement of statements) scans.push(...(await scansOf(client, statement)));
  const large = await largeTables(client, [...new Set(scans.map(({ table }) => table))]);
  const lines = scans.map((scan) => {
    const size = large.has(scan.table) ? '' : ', which is at most one page';
    const by = scan.index === undefined ? '' : ` by ${scan.index}`;
    return `  ${scan.how} on ${scan.table}${by}${readsAll(scan) ? size : ''}`.replaceAll(/_\d{4}_\d{2}/g, '_<month>');
  });
  say([`${name}:`, ...new Set(lines.toSorted())].join('\n'));
  const whole = scans.filter((scan) => readsAll(scan) && large.has(scan.table)).map(({ table }) => table);
  failures.push(...Array.from(new Set(whole), (table) => `${name}: reads all of ${table}`));
}

function written({ p50, p99 }: Timing): string {
  return `p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
