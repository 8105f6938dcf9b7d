// Whoever calls, and whatever ExpressPlay answers: the series that Prometheus keeps are those that were foreseen.
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DURATION_BUCKETS } from '../../apps/entitlement/src/observability/stages.js';
import { RouteList } from '../attacks/support/route-list.js';
import { timesOf } from '../support/soak.js';
import { METRICS, metricOf, type LabelValues } from './support/contract.js';
import { HostileCaller, hostileWord, MARK } from './support/hostile.js';
import { MeasuredService } from './support/measured-service.js';
import { ownSamples, scrape, seriesOf, type Scrape } from './support/scrape.js';

const ROUNDS = timesOf(2, 25);
const UNKNOWN_CODES = timesOf(5, 60);
const WANTED_REQUESTS = timesOf(300, 4000);

describe('after hostile requests', () => {
  let measured: MeasuredService;
  let routes: Map<string, string[]>;
  let first: Scrape;
  let second: Scrape;
  let requests = 0;

  /** The same kinds of requests, in other words. */
  async function wave(): Promise<Scrape> {
    const hostile = new HostileCaller(measured.service);
    for (let round = 0; round < ROUNDS; round += 1) requests += await hostile.callAll();
    hostile.close();
    // No code of these is documented.
    for (const drm of ['playready', 'fairplay', 'widevine']) {
      for (let turn = 0; turn < UNKNOWN_CODES; turn += 1) {
        await measured.fault({ kind: 'event', code: -randomInt(8000, 9999) });
        await measured.service.ask('alice', { contentId: 'sintel', drm });
        await measured.service.ask(hostileWord(), { contentId: 'sintel', drm });
        requests += 2;
      }
      await measured.clearFaults();
    }
    return scrape(measured.service.managementUrl);
  }

  beforeAll(async () => {
    measured = await MeasuredService.start({ LOG_LEVEL: 'error' });
    routes = measured.service.app.get(RouteList, { strict: false }).routes;
    await scrape(measured.service.managementUrl);
    first = await wave();
    second = await wave();
  }, 180_000);
  afterAll(() => measured.service.stop());

  const seriesIn = (scraped: Scrape) => ownSamples(scraped).map(seriesOf);

  it('there were enough', () => {
    expect(requests).toBeGreaterThan(WANTED_REQUESTS);
  });

  it('no word of theirs is among the metrics', () => {
    expect(second.text).not.toContain(MARK);
    expect(second.text).not.toMatch(/__proto__|constructor|alice|sintel|%zz|PROPFIND/);
  });

  it('other words make no other series', () => {
    expect(seriesIn(second)).toEqual(seriesIn(first));
  });

  it('every label has one of the values that are known beforehand', () => {
    const allowed = (values: LabelValues, value: string) => {
      if (values === 'routes') return value === 'unknown' || routes.has(value);
      return values === 'fixed' || values.includes(value);
    };
    const strange = ownSamples(second).filter(({ name, labels }) => {
      const [, metric] = metricOf(name);
      return Object.entries(labels).some(
        ([label, value]) => label !== 'le' && !allowed(metric.labels[label] ?? [], value),
      );
    });
    expect(strange.map(seriesOf)).toEqual([]);
    const methods = ownSamples(second).filter(({ labels: { route, method } }) => {
      return route !== undefined && route !== 'unknown' && !routes.get(route)?.includes(method ?? '');
    });
    expect(methods.map(seriesOf)).toEqual([]);
  });

  it('there are no more series than the values allow, metric by metric', () => {
    const counts = new Map<string, number>();
    for (const { name } of ownSamples(second)) {
      const [metric] = metricOf(name);
      counts.set(metric, (counts.get(metric) ?? 0) + 1);
    }
    const bounds = Object.keys(METRICS).map((name) => [name, boundOf(name, routes)] as const);
    const over = bounds.filter(([name, bound]) => (counts.get(name) ?? 0) > bound);
    expect(over).toEqual([]);
    // What a process can ever have, whoever calls it: Prometheus keeps millions.
    expect(bounds.reduce((sum, [, bound]) => sum + bound, 0)).toBeLessThan(5000);
  });
});

/** Most series that a metric can have in an application with these routes. */
function boundOf(name: string, routes: Map<string, string[]>): number {
  const { type, labels } = METRICS[name] ?? { type: 'gauge', labels: {} };
  let combinations = 1;
  for (const [label, values] of Object.entries(labels)) {
    // A route and its methods count together.
    if (label === 'method' && 'route' in labels) continue;
    if (values === 'routes') combinations *= [...routes.values()].flat().length + (labels.method?.length ?? 1);
    else if (values !== 'fixed') combinations *= values.length;
  }
  return type === 'histogram' ? combinations * (DURATION_BUCKETS.length + 3) : combinations;
}
