// `npm run bench -- overload`: what players get who ask for five times as much as the service can do, and how soon.
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createDatabase, databaseServer, dropDatabase, freePort } from '@app/embedded-postgres';
import { DemoIssuer } from '../scripts/stack/demo-issuer.js';
import { runCommand } from '../scripts/support/run-command.js';
import { crowd, type CrowdRun } from './overload/crowd.js';
import { Contestant, Upstream } from './side-by-side/contestants.js';
import { Evening, TITLES_OF_ACCOUNT, versionOf } from './side-by-side/evening.js';
import { run } from './side-by-side/load.js';
import { circumstances, medians, table } from './side-by-side/report.js';
import { timingOf } from './support/timing.js';

const USAGE = `npm run bench -- overload [--latency 0,20,200] [--times 5] [--seconds 10] [--rounds 1]

  --latency <list>  milliseconds that ExpressPlay takes (by default 0,20,200)
  --times <n>       how many times its capacity the service is asked for (by default 5)
  --seconds <n>     how long (by default 10)
  --rounds <n>      rounds, of which the median counts (by default 1)`;

/** Of the capacity, and how long it is asked for: nobody waits for anybody else then. */
const [UNLOADED_SHARE, UNLOADED_SECONDS] = [0.1, 6];
/** Without latency: as many as the service never refuses. */
const FEWEST_CONNECTIONS = 60;
const CAPACITY_ROUNDS = 60;
/** As many as a balancer keeps, and more than the service lets in. */
const CONNECTIONS_OF_CROWD = 600;
/** By then the service has noticed, and those who came before that have been served. */
const NOTICED_MS = 2000;
const PROBE_MS = 50;
/** Each of an account's rentals starts once in a run. */
const ACCOUNTS = 10_000;
const MOST_ASKS = ACCOUNTS * TITLES_OF_ACCOUNT;

const { values: given } = parseArgs({
  options: {
    latency: { type: 'string', default: '0,20,200' },
    times: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '1' },
    help: { type: 'boolean' },
  },
});
const [times, seconds, rounds] = [given.times, given.seconds, given.rounds].map(Number) as [number, number, number];
const latencies = given.latency.split(',').map(Number);
if ([times, seconds, rounds, ...latencies].some((number) => !(number >= 0))) throw new Error(USAGE);

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Times are in milliseconds from when a request was due, rates in requests a second. */
type Found = Record<(typeof COLUMNS)[number][0], number>;

const COLUMNS = [
  ['latencyMs', 'ExpressPlay, ms'],
  ['capacity', 'capacity a second'],
  ['unloadedP50', 'unloaded p50'],
  ['unloadedP99', 'unloaded p99'],
  ['offered', 'asked a second'],
  ['accepted', 'tokens a second'],
  ['acceptedP50', 'p50'],
  ['acceptedP99', 'p99'],
  ['ratio', 'p99, times unloaded'],
  ['firstP99', 'p99 of the first two seconds'],
  ['refused', 'refused a second'],
  ['refusedP50', 'p50'],
  ['refusedP99', 'p99'],
  ['readyP50', '/health/ready p50'],
  ['readyP99', 'p99'],
  ['cpu', 'CPU of the process, %'],
] as const;

function tableOf(rows: readonly Found[]): string {
  const head = COLUMNS.map(([, title]) => title);
  const cell = (name: keyof Found, value: number) => value.toFixed(name === 'ratio' ? 2 : value < 10 ? 1 : 0);
  return table(
    head,
    rows.map((row) => COLUMNS.map(([name]) => cell(name, row[name]))),
  );
}

class Bench {
  #first = ACCOUNTS;

  constructor(
    private readonly evening: Evening,
    private readonly upstream: Upstream,
    private readonly service: Contestant,
  ) {}

  /** @throws Error for a wrong answer, and for a ledger that has anything but the tokens received */
  async measure(latencyMs: number): Promise<Found> {
    const { service } = this;
    await this.upstream.wait(latencyMs);
    const connections = FEWEST_CONNECTIONS + Math.round(latencyMs);
    const { answers: full, seconds: took } = await this.#asking(connections * CAPACITY_ROUNDS, (asks) =>
      run(service.url, asks, connections),
    );
    const capacity = full.length / took;

    const rest = await this.#crowd(capacity * UNLOADED_SHARE, UNLOADED_SECONDS);
    const unloaded = timingOf(rest.answers.map(({ ms }) => ms));

    await service.usage();
    const health = probe(service.url);
    const over = await this.#crowd(capacity * times, seconds);
    const ready = timingOf(await health.stop());
    const usage = await service.usage();
    const timing = (one: (answer: CrowdRun['answers'][number]) => boolean) =>
      timingOf(over.answers.filter(one).map(({ ms }) => ms));
    const accepted = timing(({ status, dueMs }) => status === 200 && dueMs >= NOTICED_MS);
    const refused = timing(({ status, dueMs }) => status !== 200 && dueMs >= NOTICED_MS);
    const tokens = over.answers.filter(({ status }) => status === 200).length;
    const found: Found = {
      latencyMs,
      capacity,
      unloadedP50: unloaded.p50,
      unloadedP99: unloaded.p99,
      offered: capacity * times,
      accepted: tokens / over.seconds,
      acceptedP50: accepted.p50,
      acceptedP99: accepted.p99,
      ratio: accepted.p99 / unloaded.p99,
      firstP99: timing(({ status, dueMs }) => status === 200 && dueMs < NOTICED_MS).p99,
      refused: (over.answers.length - tokens) / over.seconds,
      refusedP50: refused.p50,
      refusedP99: refused.p99,
      readyP50: ready.p50,
      readyP99: ready.p99,
      cpu: usage.cpuMs / over.seconds / 10,
    };
    say(tableOf([found]));
    return found;
  }

  #crowd(rate: number, length: number): Promise<CrowdRun> {
    return this.#asking(Math.round(rate * length), async (asks) => {
      const all = await crowd(this.service.url, asks, rate, CONNECTIONS_OF_CROWD);
      if (all.lost > 0) throw new Error(`${all.lost} connections ended without an answer.`);
      const odd = all.answers.find(({ status, headers, text }) => status !== 200 && !isRefusal(status, headers, text));
      if (odd !== undefined) throw new Error(`${odd.status} ${odd.text}`);
      return all;
    });
  }

  /** Has the ledger compared with the tokens that came. */
  async #asking<T extends Pick<CrowdRun, 'answers'> | Awaited<ReturnType<typeof run>>>(
    count: number,
    ask: (asks: ReturnType<Evening['asks']>) => Promise<T>,
  ): Promise<T> {
    const { evening, service } = this;
    const asks = evening.asks(this.#first, Math.min(count, MOST_ASKS));
    this.#first += asks.length;
    await evening.rewind(service.databaseUrl);
    const since = new Date();
    const result = await ask(asks);
    await evening.check(
      service.databaseUrl,
      since,
      result.answers.filter(({ status }) => status === 200),
    );
    return result;
  }
}

function isRefusal(status: number, headers: string, text: string): boolean {
  return status === 503 && text.includes('"overloaded"') && /\r\nretry-after: [123]\r\n/i.test(headers);
}

/** Asks whether the service is ready, over and over. */
function probe(url: string): { stop: () => Promise<number[]> } {
  const stopped = new AbortController();
  const ask = async () => {
    const found: number[] = [];
    while (!stopped.signal.aborted) {
      const begun = performance.now();
      const answer = await fetch(`${url}/health/ready`);
      if (!answer.ok) throw new Error(`/health/ready: ${answer.status} ${await answer.text()}`);
      await answer.text();
      found.push(performance.now() - begun);
      await pause(PROBE_MS);
    }
    return found;
  };
  const asked = ask();
  return {
    stop: () => {
      stopped.abort();
      return asked;
    },
  };
}

await runCommand(async () => {
  if (given.help) return void process.stdout.write(`${USAGE}\n`);
  const server = await databaseServer(process.env.DATABASE_URL);
  const issuer = new DemoIssuer(await freePort());
  const upstream = await Upstream.start();
  const name = `bench_overload_${process.pid}`;
  let service: Contestant | undefined;
  try {
    await issuer.create();
    const evening = new Evening();
    const databaseUrl = await createDatabase(server.url, name);
    say('preparing');
    await evening.prepare(databaseUrl, ACCOUNTS, issuer);
    service = await Contestant.start('service', databaseUrl, { upstream, issuer, kek: evening.kek });
    service.giveWay();
    say('warming up');
    await run(service.url, evening.asks(0, ACCOUNTS), FEWEST_CONNECTIONS);
    const bench = new Bench(evening, upstream, service);
    const rows: Found[] = [];
    for (const latencyMs of latencies) {
      const found: Found[] = [];
      for (let round = 1; round <= rounds; round += 1) found.push(await bench.measure(latencyMs));
      rows.push(medians(found));
    }
    process.stdout.write(`${circumstances(await versionOf(server.url))}\n\n${tableOf(rows)}`);
  } finally {
    await Promise.all([service?.stop(), upstream.stop()]);
    await dropDatabase(server.url, name);
    await issuer.remove();
    await server.stop();
  }
});
