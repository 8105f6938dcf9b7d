// `npm run bench -- scale`: how the cost of a token, or of a read, grows with what the database holds and with replicas; from start to
// ready; and whether memory grows over an hour's worth of requests.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runCommand } from '../scripts/support/run-command.js';
import { growth, measure, once, rowTable } from './scale/measure.js';
import { Town, type Place } from './scale/town.js';
import { Evening, TITLES_OF_ACCOUNT, versionOf } from './side-by-side/evening.js';
import type { Kind } from './side-by-side/load.js';
import { circumstances, table } from './side-by-side/report.js';

const USAGE = `npm run bench -- scale [--only purchases,start] [--full] [--check] [--json figures.json]

  --only <names>      of purchases, ledger, per-user, replicas, start, memory, reads (by default all)
  --purchases <list>  purchases that there are (by default 1000,100000,1000000; with --full 10000000 too)
  --ledger <list>     rows of the ledger over twelve months (by default 1000,1000000; with --full 10000000 too)
  --per-user <list>   purchases of a user, all but eight of them past (by default 8,1000,10000)
  --replicas <list>   processes of the service on one PostgreSQL (by default 1,2,4)
  --memory <n>        requests that memory is watched for (by default 90000: an hour of 25 a second)
  --requests <n>      requests of a round (by default 800), fewer where purchases do not suffice
  --rounds <n>        rounds, of which the median counts (by default 5)
  --check             ends with an error where a cost grows more than it may
  --json <file>       where the figures are written`;

/** How many times the smallest size's the largest size's CPU time and p50 may be. */
const MOST_GROWTH = 1.5;
/** Where it is not purchases that grow: 100,000 purchases. */
const ACCOUNTS = 12_500;
/** How many ask, where there are so many. */
const GUESTS = 500;
/** Where it is the purchases of each that grow. */
const USERS = 50;
const CONNECTIONS_OF_REPLICAS = 64;
const READERS = [1, 16, 64];
const STARTS = 5;
const POINTS = 10;
/** What a heap after garbage collection may gain over the last half before it counts as growing. */
const MOST_HEAP_GAIN = 0.03;

const { values: given } = parseArgs({
  options: {
    only: { type: 'string', default: 'purchases,ledger,per-user,replicas,start,memory,reads' },
    purchases: { type: 'string' },
    ledger: { type: 'string' },
    'per-user': { type: 'string', default: '8,1000,10000' },
    replicas: { type: 'string', default: '1,2,4' },
    memory: { type: 'string', default: '90000' },
    requests: { type: 'string', default: '800' },
    rounds: { type: 'string', default: '5' },
    full: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean' },
  },
});

function sizes(name: string, text: string, least = 1): number[] {
  const numbers = text.split(',').map(Number);
  if (numbers.every((number) => Number.isSafeInteger(number) && number >= least)) return numbers.sort((a, b) => a - b);
  throw new Error(`--${name} must be whole numbers from ${least}.\n\n${USAGE}`);
}

const tenMillion = given.full ? ',10000000' : '';
const purchases = sizes('purchases', given.purchases ?? `1000,100000,1000000${tenMillion}`, 128);
const ledger = sizes('ledger', given.ledger ?? `1000,1000000${tenMillion}`);
const perUser = sizes('per-user', given['per-user'], TITLES_OF_ACCOUNT);
const replicas = sizes('replicas', given.replicas);
const [memory = 0] = sizes('memory', given.memory, POINTS);
const [requests = 0] = sizes('requests', given.requests);
const [rounds = 0] = sizes('rounds', given.rounds);

const failures: string[] = [];
const say = (line: string) => process.stderr.write(`${line}\n`);
const print = (text: string) => void process.stdout.write(`${text}\n`);

/** Each fills what it needs, prints what it found, and returns it. */
const SECTIONS: Record<string, (town: Town) => Promise<unknown>> = {
  purchases: async (town) => {
    const evening = new Evening();
    const url = await town.database();
    await evening.open(url);
    const accounts = (size: number) => Math.ceil(size / TITLES_OF_ACCOUNT);
    const fill = (from: number, to: number) => evening.addAccounts(url, accounts(from), accounts(to));
    const places = await grow(town, evening, url, { sizes: purchases, of: 'purchases', accounts, fill });
    return compare(places, ['token', 'title', 'list'], ['token', 'title', 'list']);
  },

  ledger: async (town) => {
    const [evening, url] = await common(town);
    const accounts = () => ACCOUNTS;
    const fill = (from: number, to: number) => town.addLedgerRows(url, from, to, ACCOUNTS);
    return compare(await grow(town, evening, url, { sizes: ledger, of: 'rows', accounts, fill }), ['token'], ['token']);
  },

  'per-user': async (town) => {
    const contents = Math.max(40, ...perUser);
    const evening = new Evening(contents);
    const url = await town.database();
    const accounts = () => USERS;
    await evening.open(url);
    await evening.addAccounts(url, 0, accounts());
    const fill = (from: number, to: number) => town.addPastRentals(url, accounts(), contents, from, to);
    const places = await grow(town, evening, url, { sizes: perUser, of: 'purchases a user', accounts, fill });
    // A list looks at all of a user's purchases, so it may grow.
    return compare(places, ['token', 'title', 'list'], ['token', 'title']);
  },

  replicas: async (town) => {
    const [evening, url] = await common(town);
    const place = await town.place('', evening, url, ACCOUNTS, GUESTS);
    while (place.services.length < Math.max(...replicas)) place.services.push(await town.service(evening, url));
    const places = replicas.map((count) => {
      const services = place.services.slice(0, count);
      return { ...place, label: `replicas: ${count}`, services, connections: CONNECTIONS_OF_REPLICAS };
    });
    return compare(places, ['token']);
  },

  start: async (town) => {
    const [evening, url] = await common(town);
    const times: number[] = [];
    for (let count = 0; count < STARTS; count += 1) {
      const service = await town.service(evening, url);
      times.push(service.readyMs);
      await service.stop();
    }
    times.sort((a, b) => a - b);
    const ms = [times[0], times[Math.floor(STARTS / 2)], times.at(-1)].map((time) => time?.toFixed(0));
    print(table(['starts', 'fastest ms', 'median ms', 'slowest ms'], [[STARTS, ...ms]]));
    return times;
  },

  memory: async (town) => {
    const [evening, url] = await common(town);
    const part = Math.floor(memory / POINTS);
    const parts: [Kind, number][] = [
      ['token', Math.ceil(part / 2)],
      ['title', Math.floor(part / 4)],
      ['list', Math.floor(part / 4)],
    ];
    const guests = Math.ceil(part / 2 / TITLES_OF_ACCOUNT);
    const place = await town.place('', evening, url, ACCOUNTS, guests);
    const points: { requests: number; rssMiB: number; heapMiB: number }[] = [];
    for (let point = 0; point < POINTS; point += 1) {
      for (const [kind, count] of parts) await once(place, kind, point * count, count);
      for (const service of place.services) points.push({ requests: (point + 1) * part, ...(await service.memory()) });
      say(`${(point + 1) * part} requests`);
    }
    const lines = points.map(({ requests: n, rssMiB, heapMiB }) => [n, rssMiB.toFixed(0), heapMiB.toFixed(1)]);
    print(table(['requests', 'RSS MiB', 'heap MiB'], lines));
    // A low point of either end, since what is in flight or just cached differs from moment to moment.
    const [middle, end] = [points.slice(POINTS / 2 - 1, POINTS / 2 + 1), points.slice(-2)].map((two) =>
      Math.min(...two.map(({ heapMiB }) => heapMiB)),
    );
    const gain = Number(end) / Number(middle) - 1;
    print(
      `Over the last half the heap ${gain > MOST_HEAP_GAIN ? 'grew' : 'did not grow'}: ${(100 * gain).toFixed(1)} %.`,
    );
    if (gain > MOST_HEAP_GAIN) failures.push('memory: the heap grows over the last half');
    return points;
  },

  reads: async (town) => {
    const [evening, url] = await common(town);
    const place = await town.place('', evening, url, ACCOUNTS, GUESTS);
    const places = READERS.map((connections) => ({ ...place, label: `connections: ${connections}`, connections }));
    return compare(places, ['title', 'list']);
  },
};

const names = given.only.split(',');
const unknown = names.find((name) => !(name in SECTIONS));

await runCommand(async () => {
  if (given.help) return print(USAGE);
  if (unknown !== undefined) throw new Error(`There is no section ${unknown}.\n\n${USAGE}`);
  const town = await Town.open();
  const sections: Record<string, unknown> = {};
  try {
    const found = circumstances(await versionOf(town.server.url));
    print(`${found}; medians of ${rounds}\n\nHeartbeats are left out: there are none yet.`);
    for (const name of names) {
      print(`\n### ${name}\n`);
      sections[name] = await SECTIONS[name]?.(town);
      await town.clear();
    }
    if (given.json) await writeFile(given.json, `${JSON.stringify({ found, sections })}\n`);
  } finally {
    await town.close();
  }
  if (given.check && failures.length > 0) throw new Error(failures.join('\n'));
});

/** A database with 100,000 purchases. */
async function common(town: Town): Promise<[Evening, string]> {
  const evening = new Evening();
  const url = await town.database();
  say(`filling: ${ACCOUNTS * TITLES_OF_ACCOUNT} purchases`);
  await evening.open(url);
  await evening.addAccounts(url, 0, ACCOUNTS);
  return [evening, url];
}

/** Grows one database, and leaves a place at each size of it. */
async function grow(
  town: Town,
  evening: Evening,
  grown: string,
  how: {
    sizes: readonly number[];
    of: string;
    accounts: (size: number) => number;
    fill: (from: number, to: number) => Promise<void>;
  },
): Promise<Place[]> {
  const places: Place[] = [];
  // As many at every size, so that all do the same work.
  const guests = Math.min(GUESTS, how.accounts(how.sizes[0] ?? 0));
  let from = 0;
  for (const size of how.sizes) {
    const label = `${size} ${how.of}`;
    say(`filling: ${label}`);
    await how.fill(from, size);
    from = size;
    const url = size === how.sizes.at(-1) ? grown : await town.database(grown);
    places.push(await town.place(label, evening, url, how.accounts(size), guests));
  }
  return places;
}

/** Measures and prints places of growing size. @param flat the kinds whose cost may hardly grow */
async function compare(places: readonly Place[], kinds: readonly Kind[], flat: readonly Kind[] = []): Promise<unknown> {
  const rows = await measure(places, kinds, { rounds, requests });
  print(rowTable(rows));
  for (const kind of flat) {
    const ratios = { 'CPU time': growth(rows, kind, 'cpuMs'), p50: growth(rows, kind, 'p50') };
    const said = Object.entries(ratios).map(([figure, ratio]) => `${figure} ${ratio.toFixed(2)}`);
    print(`${kind}, largest / smallest: ${said.join(', ')} (goal: at most ${MOST_GROWTH})`);
    const grown = Object.values(ratios).some((ratio) => !(ratio <= MOST_GROWTH));
    if (grown)
      failures.push(`${kind}: ${said.join(', ')} with ${places.at(-1)?.label}, as against ${places[0]?.label}`);
  }
  return rows;
}
