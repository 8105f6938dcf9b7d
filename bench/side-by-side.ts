// `npm run bench -- side-by-side`: what a licence token costs the service, a hand-written floor and an idiomatic stack, on the same requests.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createDatabase, databaseServer, dropDatabase, freePort } from '@app/embedded-postgres';
import { DEMO_AUDIENCE, DEMO_ISSUER, DemoIssuer } from '../scripts/stack/demo-issuer.js';
import { runCommand } from '../scripts/support/run-command.js';
import { CHECKED, checked } from './side-by-side/check.js';
import { Contestant, CONTESTANTS, isContestant, Upstream } from './side-by-side/contestants.js';
import { Evening, withClient } from './side-by-side/evening.js';
import { run } from './side-by-side/load.js';
import { circumstances, figureTable, medians, picture, ratioTable } from './side-by-side/report.js';
import type { Cell, Figures, Result } from './side-by-side/report.js';
import { timingOf } from './support/timing.js';

const USAGE = `npm run bench -- side-by-side [--full] [--rate 150] [--json figures.json] [--svg figures.svg]

  --contestants <names>  of ${Object.keys(CONTESTANTS).join(', ')} (by default all)
  --connections <list>   requests in flight, at most 500 (by default 1,64; with --full 1,16,64,256)
  --latency <list>       milliseconds that ExpressPlay takes (by default 0,20; with --full 0,20,200)
  --rounds <n>           rounds, of which the median counts (by default 3)
  --requests <n>         most requests of a round (by default 2000)
  --rate <n>             requests a second, whether answers come or not, in place of as many as are answered
  --check                a minute's worth: fails when a token costs the service more than is allowed
  --json, --svg <file>   where all rounds' figures, and a picture, are written`;

const FEWEST_ACCOUNTS = 2000;
/** A round is cut to about as long as this takes. */
const ROUND_SECONDS = 5;
const FEWEST_REQUESTS = 50;
/** Well below the default limits on spending, of an hour: 200 of a user, 50 of a title. */
const TOKENS_OF_ACCOUNT = 100;

type Bench = ReturnType<typeof options>;

function options() {
  const { values } = parseArgs({
    options: {
      contestants: { type: 'string' },
      connections: { type: 'string' },
      latency: { type: 'string' },
      rounds: { type: 'string' },
      requests: { type: 'string' },
      rate: { type: 'string' },
      json: { type: 'string' },
      svg: { type: 'string' },
      full: { type: 'boolean' },
      check: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const usual = values.check
    ? CHECKED
    : {
        contestants: Object.keys(CONTESTANTS).join(),
        connections: values.full ? '1,16,64,256' : '1,64',
        latency: values.full ? '0,20,200' : '0,20',
        requests: '2000',
      };
  const numbers = (name: 'connections' | 'latency' | 'rounds' | 'requests' | 'rate', otherwise: string, least = 1) =>
    (values[name] ?? otherwise).split(',').map((each) => {
      const number = /^\d{1,6}$/.test(each) ? Number(each) : -1;
      if (number < least) throw new Error(`--${name} must be whole numbers from ${least}.\n\n${USAGE}`);
      return number;
    });
  const cells: Cell[] = numbers('connections', usual.connections).flatMap((connections) =>
    numbers('latency', usual.latency, 0).map((latencyMs) => ({ connections, latencyMs })),
  );
  const [rounds = 1] = numbers('rounds', '3');
  const [requests = 1] = numbers('requests', usual.requests);
  const [rate] = values.rate === undefined ? [] : numbers('rate', '');
  const names = (values.contestants ?? usual.contestants).split(',');
  if (!names.every(isContestant)) throw new Error(`--contestants must be of those below.\n\n${USAGE}`);
  return { ...values, names, cells, rounds, requests, rate };
}

await runCommand(async () => {
  const bench = options();
  if (bench.help) return void process.stdout.write(`${USAGE}\n`);
  const server = await databaseServer(process.env.DATABASE_URL);
  const issuer = new DemoIssuer(await freePort());
  const upstream = await Upstream.start();
  const contestants: Contestant[] = [];
  const database = (name: string) => `bench_${name.replaceAll('-', '_')}_${process.pid}`;
  try {
    await issuer.create();
    const evening = new Evening();
    const template = await createDatabase(server.url, database('template'));
    await evening.prepare(template, accountsFor(bench), issuer);
    for (const name of bench.names) {
      contestants.push(
        await Contestant.start(name, {
          PORT: String(await freePort()),
          MANAGEMENT_PORT: '0',
          DATABASE_URL: await createDatabase(server.url, database(name), database('template')),
          EXPRESSPLAY_BASE_URL: upstream.url,
          EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `1,${'0'.repeat(32)}`,
          CONTENT_KEY_KEKS: `bench=${evening.kek.toString('hex')}`,
          AUTH_ISSUER: DEMO_ISSUER,
          AUTH_AUDIENCE: DEMO_AUDIENCE,
          AUTH_JWKS_URL: issuer.jwksUrl,
          RATE_LIMIT_PER_ADDRESS_PER_MINUTE: '0',
          RATE_LIMIT_PER_USER_PER_MINUTE: '0',
          SHUTDOWN_DRAIN_SECONDS: '0',
        }),
      );
    }
    const all = await measure(bench, evening, upstream, contestants);
    await report(bench, all, contestants, await versionOf(server.url));
  } finally {
    await Promise.all([...contestants, upstream].map((child) => child.stop()));
    for (const name of [...bench.names, 'template']) await dropDatabase(server.url, database(name));
    await issuer.remove();
    await server.stop();
  }
});

/** Requests of a cell: as many as are asked for, unless the upstream's latency would make that long. */
function requestsIn({ requests, rate }: Bench, { connections, latencyMs }: Cell): number {
  const most = rate === undefined ? (connections * ROUND_SECONDS * 1000) / (latencyMs + 2) : rate * ROUND_SECONDS;
  return Math.max(FEWEST_REQUESTS, Math.min(requests, Math.round(most)));
}

function warmUpOf({ connections }: Cell): number {
  return 2 * connections + FEWEST_REQUESTS;
}

/** So many that none is in flight twice, meets its limits on spending, or starts a rental twice in a round. */
function accountsFor(bench: Bench): number {
  const each = bench.cells.map((cell) => warmUpOf(cell) + requestsIn(bench, cell));
  const sum = bench.rounds * each.reduce((total, next) => total + next, 0);
  return Math.max(FEWEST_ACCOUNTS, Math.ceil(sum / TOKENS_OF_ACCOUNT), ...each);
}

/** Every round of every contestant. The same requests meet the same database, one contestant after the other. */
async function measure(bench: Bench, evening: Evening, upstream: Upstream, contestants: readonly Contestant[]) {
  const results: Result[] = [];
  const say = (line: string) => process.stderr.write(`${line}\n`);
  await upstream.wait(0);
  const everybody = evening.asks(0, accountsFor(bench));
  for (const { name, url, databaseUrl } of contestants) {
    say(`warming up ${name}`);
    const since = new Date();
    await evening.check(databaseUrl, since, (await run(url, everybody, 16)).answers);
  }
  let first = everybody.length;
  for (let round = 1; round <= bench.rounds; round += 1) {
    for (const cell of bench.cells) {
      const [count, warmUp] = [requestsIn(bench, cell), warmUpOf(cell)];
      const [warming, asks] = [evening.asks(first, warmUp), evening.asks(first + warmUp, count)];
      first += warmUp + count;
      await upstream.wait(cell.latencyMs);
      const digests = new Set<string>();
      for (const contestant of contestants) {
        const { name, url, databaseUrl } = contestant;
        await evening.rewind(databaseUrl);
        const since = new Date();
        const { answers } = await run(url, warming, cell.connections);
        await contestant.usage();
        const { answers: more, times, seconds } = await run(url, asks, cell.connections, bench.rate);
        const usage = await contestant.usage();
        digests.add((await evening.check(databaseUrl, since, [...answers, ...more])).digest);
        if (digests.size > 1) throw new Error(`The ledger of ${name} is not that of the others.`);
        const [cpuMs, allocatedKiB] = [usage.cpuMs / count, usage.allocatedKiB / count];
        const figures: Figures = {
          ...timingOf(times),
          ...usage,
          cpuMs,
          allocatedKiB,
          tokensPerSecond: count / seconds,
        };
        results.push({ contestant: name, cell, figures });
        say(`round ${round}, ${JSON.stringify(cell)}, ${name}: ${figures.tokensPerSecond.toFixed(0)} tokens a second`);
      }
    }
  }
  return results;
}

async function report(bench: Bench, all: readonly Result[], contestants: readonly Contestant[], postgres: string) {
  const found = circumstances(postgres);
  const results = bench.cells.flatMap((cell) =>
    bench.names.map((contestant): Result => {
      const rounds = all.filter((one) => one.contestant === contestant && one.cell === cell);
      return { contestant, cell, figures: medians(rounds.map(({ figures }) => figures)) };
    }),
  );
  const starts = contestants.map(({ name, readyMs }) => `${name} ${readyMs.toFixed(0)}`).join(', ');
  const rate = bench.rate === undefined ? '' : `; ${bench.rate} requests a second, whether answers come or not`;
  process.stdout.write(
    `${found}; medians of ${bench.rounds}${rate}\n\n${ratioTable(results)}\n${figureTable(results)}\nFrom start to ready, ms: ${starts}\n`,
  );
  const ready = Object.fromEntries(contestants.map(({ name, readyMs }) => [name, readyMs]));
  if (bench.json) await writeFile(bench.json, `${JSON.stringify({ found, rate: bench.rate, ready, rounds: all })}\n`);
  if (bench.svg) await writeFile(bench.svg, picture(found, results));
  if (bench.check) process.stdout.write(`\n${checked(results)}\n`);
}

function versionOf(url: string): Promise<string> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version ?? '';
  });
}
