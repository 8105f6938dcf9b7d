// Reads what Prometheus would read: the text format, into series.
import { maintainLedger } from '@app/platform/database';
import { until } from '../../admin/until.js';
import type { TestService } from '../../support/test-service.js';

/** One line of a scrape. */
export interface Sample {
  /** With the `_bucket`, `_sum` or `_count` of a histogram. */
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface Scrape {
  text: string;
  /** By the name of the metric. */
  types: Map<string, string>;
  samples: Sample[];
}

const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)/g;
const OWN = 'entitlement_';

/** Asks a service for its metrics, and reads them. @param url where management listens */
export async function scrape(url: string): Promise<Scrape> {
  const answer = await fetch(`${url}/metrics`);
  if (answer.status !== 200) throw new Error(`/metrics answers ${answer.status}`);
  const text = await answer.text();
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n').filter((part) => part !== '')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\w+) (.*)$/.exec(line) ?? [];
    if (kind === 'TYPE') types.set(name, rest);
    if (kind === undefined) samples.push(sampleOf(line));
  }
  return { text, types, samples };
}

function sampleOf(line: string): Sample {
  const match = SAMPLE.exec(line);
  if (match === null) throw new Error(`not a sample: ${line}`);
  const [, name = '', inBraces = '', number = ''] = match;
  const labels = [...inBraces.matchAll(LABEL)].map(([, label = '', value = '']) => [label, value] as const);
  const value = { '+Inf': Infinity, '-Inf': -Infinity, Nan: Number.NaN }[number] ?? Number(number);
  return { name, labels: Object.fromEntries(labels), value };
}

/** Has the ledger maintained, and asks until that is in the answer: a scrape does not wait for Postgres. */
export async function scrapeMaintained({ database, clock, managementUrl }: TestService): Promise<Scrape> {
  await maintainLedger(database.url, { now: clock.now(), monthsAhead: 0 });
  let scraped = await scrape(managementUrl);
  await until(async () => {
    scraped = await scrape(managementUrl);
    return scraped.samples.some(({ name }) => name === 'entitlement_ledger_last_maintenance_timestamp_seconds');
  });
  return scraped;
}

/** The samples of the service's own metrics. */
export function ownSamples({ samples }: Scrape): Sample[] {
  return samples.filter(({ name }) => name.startsWith(OWN));
}

/** A sample's metric and labels in one text, as a query writes them. The prefix that all have is left out. */
export function seriesOf({ name, labels }: Sample): string {
  const inBraces = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const short = name.slice(OWN.length);
  return inBraces.length === 0 ? short : `${short}{${inBraces.join(',')}}`;
}

/** Values of one metric, by series. */
export function valuesOf(scraped: Scrape, metric: string): Record<string, number> {
  const found = ownSamples(scraped).filter(({ name }) => name === `${OWN}${metric}`);
  return Object.fromEntries(found.map((sample) => [seriesOf(sample), sample.value]));
}

/**
 * By how much the counters rise while something is done, of those that do. How long things took is left out, and so are
 * the scrapes themselves.
 */
export async function risesDuring(url: string, work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = countersOf(await scrape(url));
  await work();
  const after = countersOf(await scrape(url));
  const rises = Object.entries(after).map(([series, value]) => [series, value - (before[series] ?? 0)] as const);
  return Object.fromEntries(rises.filter(([, rise]) => rise !== 0));
}

function countersOf(scraped: Scrape): Record<string, number> {
  const counters = ownSamples(scraped).filter(
    ({ name, labels }) => /_(?:total|count)$/.test(name) && labels.route !== '/metrics',
  );
  return Object.fromEntries(counters.map((sample) => [seriesOf(sample), sample.value]));
}
