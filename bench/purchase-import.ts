// `npm run bench -- purchase-import`: how fast a first import of purchases is, through the batch's own address, and what memory it takes.
import { request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { applyMigrations } from '@app/platform/database';
import { createDatabase, databaseServer, dropDatabase } from '@app/embedded-postgres';
import { runCommand } from '../scripts/support/run-command.js';
import { makeContents } from './support/contents.js';
import { MeasuredService } from './support/measured-service.js';

const CONTENTS = 1000;
const LINES_PER_USER = 10;
/** Lines that are sent as one piece. */
const PIECE = 500;
const REPORTS = 10;
/** Sold until now, one order a second. */
const SOLD_UNTIL = Date.now();
const PERIOD_ENDS_AT = new Date(SOLD_UNTIL + 30 * 86_400_000).toISOString();

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      lines: { type: 'string', default: '1000000' },
      report: { type: 'string', default: 'all' },
      again: { type: 'boolean', default: false },
    },
  });
  const lines = Number(values.lines);
  if (!Number.isSafeInteger(lines) || lines < 1) throw new Error('--lines must be a whole number from 1.');
  const server = await databaseServer(process.env.DATABASE_URL);
  const name = `bench_import_${process.pid}`;
  try {
    const url = await createDatabase(server.url, name);
    await applyMigrations(url);
    const client = new Client({ connectionString: url });
    await client.connect();
    await makeContents(client, CONTENTS);
    const service = await MeasuredService.start(url, 'purchases:write');
    try {
      await importAll(service, lines, values.report);
      if (values.again) await importAll(service, lines, values.report);
    } finally {
      await service.stop();
    }
    const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM purchase');
    await client.end();
    if (Number(rows[0]?.count) !== lines) throw new Error(`${rows[0]?.count} purchases are there, not ${lines}.`);
  } finally {
    await dropDatabase(server.url, name);
    await server.stop();
  }
});

async function importAll(service: MeasuredService, lines: number, kind: string): Promise<void> {
  const before = await service.memory();
  say(`${lines} lines, report=${kind}; memory before: ${before?.now} MiB`);
  const start = performance.now();
  const rate = (done: number) => `${Math.round((done * 1000) / (performance.now() - start))} lines/s`;
  const sending = request(`${service.url}/v1/admin/purchases/batch?report=${kind}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${service.bearer}`, 'Content-Type': 'application/x-ndjson' },
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sending.once('response', resolve).once('error', reject);
  });
  const [summary] = await Promise.all([
    answered.then((answer) => readReport(answer)),
    pipeline(
      Readable.from(
        pieces(lines, async (sent) => {
          say(`  ${sent} sent, ${rate(sent)}, memory ${(await service.memory())?.now} MiB`);
        }),
      ),
      sending,
    ),
  ]);
  say(
    `  ${rate(lines)} in all, ${Math.round(performance.now() - start)} ms; peak memory ${(await service.memory())?.peak} MiB`,
  );
  say(`  ${JSON.stringify(summary)}`);
}

/** The body, made as it is sent. */
async function* pieces(lines: number, progress: (sent: number) => Promise<void>): AsyncGenerator<string> {
  let told = 1;
  for (let from = 0; from < lines; from += PIECE) {
    let piece = '';
    for (let n = from; n < Math.min(from + PIECE, lines); n += 1) piece += `${JSON.stringify(order(n))}\n`;
    yield piece;
    if (from + PIECE < (lines * told) / REPORTS) continue;
    told += 1;
    await progress(Math.min(from + PIECE, lines));
  }
}

/** Half of them rentals; users and titles in no order, as a store's export has them. */
function order(n: number): object {
  const scattered = (n * 2_654_435_761) % 4_294_967_296;
  const base = {
    externalId: `order-${n.toString().padStart(10, '0')}`,
    userId: `user-${scattered % Math.max(1, Math.ceil(1_000_000 / LINES_PER_USER))}`,
    contentId: `content-${scattered % CONTENTS}`,
    purchasedAt: new Date(SOLD_UNTIL - n * 1000).toISOString(),
    version: 1,
  };
  if (n % 2 === 0) return { ...base, type: 'buy-to-own' };
  return { ...base, type: 'rental', periodEndsAt: PERIOD_ENDS_AT, playDurationSeconds: 172_800 };
}

/** Reads the report as it comes, keeps nothing but its last line, and checks that it is of a whole import. */
async function readReport(answer: IncomingMessage): Promise<object> {
  let last = '';
  for await (const text of answer.setEncoding('utf8')) {
    last = `${last}${String(text)}`;
    last = last.slice(last.lastIndexOf('\n', last.length - 2) + 1);
  }
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${last}`);
  const { summary } = JSON.parse(last) as { summary: { complete: boolean; errors: number } };
  if (!summary.complete || summary.errors > 0) throw new Error(`The import went wrong: ${last}`);
  return summary;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
