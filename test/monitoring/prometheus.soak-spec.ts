// A real Prometheus, with the project's own configuration, scrapes the service and answers every query there is.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolPath } from '../support/tools.js';
import { BusyService } from './support/busy-service.js';
import { Prometheus } from './support/prometheus.js';
import { ALERTS, labelsShown, QUERIES, RECORDINGS } from './support/rules.js';

/** They speak of failures of our own, of the day before, or of what did not happen again. */
const WITHOUT_ANSWER = [
  'us',
  '{{reason}}, usually',
  '{{rejected}} refused, {{tried}} tried: {{outcome}}',
  'refused, a second',
];

const program = toolPath('prometheus');

describe.skipIf(program === undefined)('a Prometheus with deploy/prometheus (needs prometheus)', () => {
  let busy: BusyService;
  let prometheus: Prometheus;

  beforeAll(async () => {
    busy = await BusyService.start();
    prometheus = await Prometheus.start(program ?? '', {
      entitlement: new URL(busy.url).host,
      'expressplay-emulator': new URL(busy.measured.service.emulator.url).host,
    });
    const scrapes = async (least: number) =>
      Number((await prometheus.query('min(count_over_time(up[10m]))'))[0]?.value[1] ?? 0) >= least;
    await prometheus.until(() => scrapes(2));
    // A rate needs something to happen between two scrapes.
    await busy.work();
    // Each group of rules has its own moment in the second.
    for (const last of ['ALERTS{alertstate="firing"}', 'job_reason:entitlement_denials:ratio_rate30m'])
      await prometheus.until(async () => (await prometheus.query(last)).length > 0);
  });
  afterAll(async () => {
    await prometheus.stop();
    await busy.stop();
  });

  it('reaches both scrape jobs', async () => {
    const up = await prometheus.query('up == 1');
    expect(new Set(up.map(({ metric }) => metric.job))).toEqual(new Set(['entitlement', 'expressplay-emulator']));
  });

  it('answers every query of the dashboard, with something to show, and the labels of its legend', async () => {
    const silent: string[] = [];
    for (const { place, legend, expr } of QUERIES) {
      const series = await prometheus.query(expr);
      if (series.length === 0) silent.push(legend === '' ? place : legend);
      const lacking = labelsShown(legend).filter((label) => series.some(({ metric }) => !(label in metric)));
      expect([place, lacking]).toEqual([place, []]);
    }
    expect(silent).toEqual(WITHOUT_ANSWER);
  });

  it('evaluates every rule', async () => {
    const rules = await prometheus.rules();
    expect(rules.map(({ name }) => name).toSorted()).toEqual(
      [...ALERTS.map(({ alert }) => alert), ...RECORDINGS.map(({ record }) => record)].toSorted(),
    );
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
  });

  it('fires on the one answer -2019 there was, and on nothing else', async () => {
    const firing = await prometheus.query('count by (alertname, severity) (ALERTS{alertstate="firing"})');
    expect(firing.map(({ metric }) => metric)).toEqual([
      { alertname: 'EntitlementTokenBalanceExhausted', severity: 'page' },
    ]);
  });
});
