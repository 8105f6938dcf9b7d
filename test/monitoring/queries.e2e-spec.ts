// What the dashboard and the alerts ask of Prometheus is what a scrape of the service holds: names, labels and values.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRules } from '../../scripts/checks/alerts-files.js';
import { labelsShown, queriesOf, type Dashboard } from '../../scripts/checks/dashboards-queries.js';
import { readExpression, type Catalogue } from '../../scripts/checks/promql.js';
import { scrape } from '../metrics/support/scrape.js';
import { BusyService } from './support/busy-service.js';
import { catalogueOf } from './support/catalogue.js';

const DASHBOARD = 'deploy/grafana/dashboards/entitlement.json';
const { alerts, recordings } = readRules();
const queries = queriesOf(JSON.parse(readFileSync(DASHBOARD, 'utf8')) as Dashboard);

let busy: BusyService;
let catalogue: Catalogue;
beforeAll(async () => {
  busy = await BusyService.start();
  catalogue = catalogueOf(await scrape(busy.url), alerts, recordings);
});
afterAll(() => busy.stop());

describe('the dashboard', () => {
  it.each(queries.map((query) => [query.place, query.legend, query.expr]))('%s %s', (_place, legend, expr) => {
    const { findings, labels } = readExpression(expr, catalogue);
    expect(findings).toEqual([]);
    expect(labelsShown(legend).filter((label) => labels?.has(label) !== true)).toEqual([]);
  });

  it('asks for every metric of our own that is scraped, or nobody would look at it', () => {
    const asked = new Set(
      [...queries, ...alerts, ...recordings].flatMap(({ expr }) => [...readExpression(expr, catalogue).metrics]),
    );
    const family = (name: string) => name.replace(/_(?:bucket|sum|count)$/, '');
    const families = new Set([...asked].map(family));
    const own = [...catalogue.keys()].filter((name) => name.startsWith('entitlement_'));
    expect([...new Set(own.map(family))].filter((name) => !families.has(name))).toEqual(UNASKED);
  });
});

/** Requests that shared a token: a curiosity, of no use to whoever looks for a fault. */
const UNASKED = ['entitlement_token_requests_shared_total'];

describe('the alert rules', () => {
  it.each(recordings.map(({ record, expr }) => [record, expr]))('%s', (_record, expr) => {
    expect(readExpression(expr, catalogue).findings).toEqual([]);
  });

  it.each(alerts.map(({ alert, ...rule }) => [alert, rule] as const))('%s', (_alert, { expr, annotations }) => {
    const { findings, labels } = readExpression(expr, catalogue);
    expect(findings).toEqual([]);
    const shown = Object.values(annotations).flatMap(labelsShown);
    expect(shown.filter((label) => labels?.has(label) !== true && label !== 'value')).toEqual([]);
  });
});

describe('what is planted', () => {
  it.each([
    [
      'a metric that was renamed',
      'sum(rate(entitlement_tokens_bought_total[5m]))',
      'there is no metric entitlement_tokens_bought_total',
    ],
    [
      'a label that is not there',
      'sum by (user) (rate(entitlement_tokens_issued_total[5m]))',
      'groups by user, which nothing there has',
    ],
    [
      'an outcome that no request has',
      'entitlement_http_requests_total{outcome="success"}',
      'never has outcome "success"',
    ],
    [
      'a code that is not documented',
      'entitlement_expressplay_answers_total{code=~"-2019|-2099"}',
      'never has code like "-2099"',
    ],
    ['a route of another name', 'entitlement_http_requests_total{route="/v1/tokens"}', 'never has route "/v1/tokens"'],
  ])('%s is found', (_what, expr, finding) => {
    expect(readExpression(expr, catalogue).findings.join()).toContain(finding);
  });
});
