import { describe, expect, it } from 'vitest';
import { readExpression, type Catalogue } from './promql.js';

const CATALOGUE: Catalogue = new Map([
  ['requests_total', new Map([['outcome', new Set(['ok', 'upstream-timeout', 'internal-error'])]])],
  ['answers_total', new Map([['code', new Set(['ok', '-2018', '-2019'])]])],
  ['seconds_bucket', new Map([['le', new Set(['1', '+Inf'])]])],
  ['seconds_sum', new Map()],
  ['age', new Map()],
]);

const labelsOf = (expression: string) => [...(readExpression(expression, CATALOGUE).labels ?? [])].toSorted();
const SCRAPED = ['instance', 'job', 'namespace', 'pod'];

describe('readExpression', () => {
  it.each([
    ['a metric nobody exposes', 'rate(request_total[5m])', 'there is no metric request_total'],
    ['one among others', 'age > 5 and sum by (job) (seconds_count) > 1', 'there is no metric seconds_count'],
    ['no metric at all', '{job="x"}', 'selects by no metric name'],
    ['a label the metric lacks', 'answers_total{outcome="ok"}', 'answers_total has no label outcome'],
    ['a value that never comes', 'requests_total{outcome="success"}', 'requests_total never has outcome "success"'],
    [
      'an alternative that never comes',
      'requests_total{outcome=~"ok|5.."}',
      'requests_total never has outcome like "5.."',
    ],
    [
      'an exclusion that never comes',
      'requests_total{outcome!="timeout"}',
      'requests_total never has outcome "timeout"',
    ],
    ['grouping by what is not there', 'sum by (route) (requests_total)', 'groups by route, which nothing there has'],
    [
      'grouping by what was summed away',
      'sum by (outcome) (sum by (job) (requests_total))',
      'groups by outcome, which nothing there has',
    ],
    ['leaving out what is not there', 'sum without (code) (requests_total)', 'groups by code, which nothing there has'],
    [
      'a quantile without buckets',
      'histogram_quantile(0.9, sum by (job) (seconds_bucket))',
      'histogram_quantile needs the label le',
    ],
    [
      'matching on what one side lacks',
      'sum by (job) (age) / on (job, code) sum by (code) (answers_total)',
      'matches on job, which one side lacks',
    ],
    [
      'carrying over what neither has',
      'age * on (job) group_left (version) sum by (job) (age)',
      'carries over version, which neither side has',
    ],
    [
      'sides that never match',
      'sum by (outcome) (requests_total) / sum(requests_total)',
      'combines (outcome) with (), which never match',
    ],
    ['what cannot be parsed', 'sum(rate(age[5m])', 'cannot be parsed'],
    ['a variable that Grafana did not fill in', 'rate(age[$__interval])', 'cannot be parsed, from "$__interval'],
  ])('finds %s', (_what, expression, finding) => {
    expect(readExpression(expression, CATALOGUE).findings.join('\n')).toContain(finding);
  });

  it.each([
    ['histogram_quantile(0.95, sum by (job, le) (rate(seconds_bucket[5m]))) > 2', ['job']],
    [
      'sum by (code) (rate(answers_total{code=~"-20.*",code!~"-2019"}[5m])) / on () group_left () sum(rate(answers_total[5m]))',
      ['code'],
    ],
    ['age > 1800 and sum without (outcome) (increase(requests_total{outcome="ok"}[15m] offset 1d)) > 0', SCRAPED],
    ['age / ignoring (outcome) requests_total{outcome="ok"}', SCRAPED],
    ['topk(3, answers_total)', ['code', ...SCRAPED]],
    ['sum by (job) (age) == 0 or absent(age)', SCRAPED],
    ['time() - age', SCRAPED],
    ['1 - (sum(age) or 0 * sum(seconds_sum))', []],
    ['avg_over_time(age[1d:5m])', SCRAPED],
  ])('understands %s', (expression, labels) => {
    expect(readExpression(expression, CATALOGUE).findings).toEqual([]);
    expect(labelsOf(expression)).toEqual(labels.toSorted());
  });

  it('names the metrics, those that are not there too', () => {
    expect([...readExpression('age + on (job) nothing offset 1d', new Map()).metrics]).toEqual(['age', 'nothing']);
  });
});
