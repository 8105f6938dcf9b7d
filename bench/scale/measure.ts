// Places measured in turns, so that what else the machine does meets all of them.
import { run, type Kind } from '../side-by-side/load.js';
import { medians, table } from '../side-by-side/report.js';
import { TITLES_OF_ACCOUNT } from '../side-by-side/evening.js';
import { timingOf, type Timing } from '../support/timing.js';
import type { Place } from './town.js';

/** Of all services of a place; CPU time and what is allocated are those of one request. */
interface Figures extends Timing {
  perSecond: number;
  cpuMs: number;
  allocatedKiB: number;
  /** Of the largest process. */
  rssMiB: number;
}

/** Medians of one place. */
export interface Row {
  label: string;
  kind: Kind;
  figures: Figures;
}

/** Of processes and statements: what happens only once is over after these. */
const ROUNDS_BEFORE = 2;

/** @throws Error for a wrong answer, and for a ledger that has anything but the tokens received */
export async function measure(
  places: readonly Place[],
  kinds: readonly Kind[],
  { rounds, requests }: { rounds: number; requests: number },
): Promise<Row[]> {
  // No more than there are titles: a rental starts once.
  const count = Math.min(requests, ...places.map(({ guests }) => guests.length * TITLES_OF_ACCOUNT));
  const found = places.flatMap((place) => kinds.map((kind) => ({ place, kind, rounds: [] as Figures[] })));
  for (let round = -ROUNDS_BEFORE; round < rounds; round += 1) {
    for (const one of found) {
      const figures = await once(one.place, one.kind, (round + ROUNDS_BEFORE) * count, count);
      if (round >= 0) one.rounds.push(figures);
    }
    process.stderr.write(round < 0 ? 'warming up\n' : `round ${round + 1} of ${rounds}\n`);
  }
  return found.map(({ place: { label }, kind, rounds: all }) => ({ label, kind, figures: medians(all) }));
}

/** Asks once, and checks every answer. */
export async function once(place: Place, kind: Kind, first: number, count: number): Promise<Figures> {
  const { databaseUrl, evening, guests, services, connections } = place;
  await evening.rewind(databaseUrl, guests);
  const asks = evening.asks(first, count, guests);
  await Promise.all(services.map((service) => service.usage()));
  const since = new Date();
  const begun = performance.now();
  const runs = await Promise.all(
    services.map(({ url }, number) => {
      const share = asks.filter((_, index) => index % services.length === number);
      return run(url, share, connections / services.length, undefined, kind);
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  const usages = await Promise.all(services.map((service) => service.usage()));
  const answers = runs.flatMap((each) => each.answers);
  if (kind === 'token') await evening.check(databaseUrl, since, answers);
  else evening.checkReads(answers);
  return {
    ...timingOf(runs.flatMap(({ times }) => times)),
    perSecond: count / seconds,
    cpuMs: sum(usages.map(({ cpuMs }) => cpuMs)) / count,
    allocatedKiB: sum(usages.map(({ allocatedKiB }) => allocatedKiB)) / count,
    rssMiB: Math.max(...usages.map(({ rssMiB }) => rssMiB)),
  };
}

export function rowTable(rows: readonly Row[]): string {
  const lines = rows.map(({ label, kind, figures: { perSecond, p50, p99, cpuMs, allocatedKiB, rssMiB } }) => {
    const times = `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
    const [rate, kib, mib] = [perSecond, allocatedKiB, rssMiB].map((figure) => figure.toFixed(0));
    return [label, kind, rate, times, cpuMs.toFixed(2), kib, mib];
  });
  return table(['', 'of what', 'a second', 'p50 / p99 ms', 'CPU ms each', 'KiB allocated each', 'RSS MiB'], lines);
}

/** How many times the first place's figure the last place's is. */
export function growth(rows: readonly Row[], kind: Kind, figure: 'cpuMs' | 'p50'): number {
  const figures = rows.filter((row) => row.kind === kind).map((row) => row.figures[figure]);
  return (figures.at(-1) ?? NaN) / (figures[0] ?? NaN);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, next) => total + next, 0);
}
