// What the alert rules and the dashboard say, held to the runbook, to their tests and to the names that the service has.
import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { EVENT_CLASSES, type EventClass, type TransportFailureReason } from '@app/expressplay';
import { PROBLEMS } from '@app/platform/problems';
import { METRICS } from '../metrics/support/contract.js';
import { ALERTS, DASHBOARD, QUERIES, RECORDINGS, type Scenario } from './support/rules.js';

const SOURCE = 'deploy/prometheus/alerts.yaml';
const TESTS = 'deploy/prometheus/alerts.test.yaml';
const names = ALERTS.map(({ alert }) => alert);

describe('the alerts', () => {
  it.each(ALERTS)('$alert has words for the person who is woken', ({ alert, labels, annotations }) => {
    expect(alert).toMatch(/^Entitlement[A-Z][A-Za-z]+$/);
    expect(['page', 'ticket']).toContain(labels.severity);
    expect(annotations).toEqual({
      summary: expect.stringMatching(/\S/),
      description: expect.stringMatching(/\S/),
      runbook_url: `{{ $externalLabels.runbooks }}docs/runbook.md#${alert.toLowerCase()}`,
    });
  });

  it('have a section of the runbook each, and no other has one', () => {
    const sections = [...readFileSync('docs/runbook.md', 'utf8').matchAll(/^## (Entitlement\w+)\s*$/gm)];
    expect(sections.map(([, name = '']) => name).toSorted()).toEqual(names.toSorted());
  });

  it('have a test each in which they fire, and one in which they do not', () => {
    // A document with many aliases is not an attack here.
    const { tests } = parse(readFileSync(TESTS, 'utf8'), { maxAliasCount: -1 }) as { tests: Scenario[] };
    const untested = names.filter((alert) => {
      // Only what asks for all alerts that fire says of this one that it does not.
      const fires = tests
        .filter(({ name }) => name.startsWith(`${alert}:`))
        .flatMap(({ promql_expr_test: expectations = [] }) => expectations)
        .filter(({ expr }) => expr.includes('ALERTS{alertstate="firing"}'))
        .map(({ exp_samples: samples }) => samples.some(({ labels }) => labels.includes(`"${alert}"`)));
      return !fires.includes(true) || !fires.includes(false);
    });
    expect(untested).toEqual([]);
  });

  const codesOf = (name: string) => {
    const { expr = '' } = ALERTS.find(({ alert }) => alert === name) ?? {};
    return /code=~"([^"]+)"/.exec(expr)?.[1]?.split('|').toSorted();
  };
  const codesOfClass = (wanted: EventClass) =>
    Object.entries(EVENT_CLASSES)
      .filter(([, row]) => row.class === wanted)
      .map(([code]) => code);

  it('page for the codes by which ExpressPlay refuses the account, all of them and no others', () => {
    expect(codesOf('EntitlementExpressPlayRefuses')).toEqual(codesOfClass('operator').toSorted());
  });

  it("call ExpressPlay unavailable for what is nobody else's to fix", () => {
    // A client is closed when the process ends.
    const transport: Record<Exclude<TransportFailureReason, 'closed'>, true> = {
      connect: true,
      'connect-timeout': true,
      timeout: true,
      reset: true,
      protocol: true,
      other: true,
    };
    const expected = [...Object.keys(transport), 'unreadable', 'undocumented', ...codesOfClass('transient')];
    expect(codesOf('EntitlementExpressPlayUnavailable')).toEqual(expected.toSorted());
  });

  it('count as failed every problem of status 500 and above, and no other', () => {
    const [, pattern = ''] = /outcome=~"(upstream[^"]+)"/.exec(RECORDINGS[0]?.expr ?? '') ?? [];
    const failed = Object.keys(PROBLEMS).filter((code) => new RegExp(`^(?:${pattern})$`).test(code));
    const expected = Object.entries(PROBLEMS).filter(([, { status }]) => status >= 500);
    expect(failed.toSorted()).toEqual(expected.map(([code]) => code).toSorted());
  });

  it('are the same as an object of the Prometheus operator; `npx vitest run test/monitoring/rules -u` copies them', async () => {
    const file = 'deploy/kubernetes/components/monitoring/prometheus-rule.yaml';
    const object = {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'entitlement', labels: { 'app.kubernetes.io/name': 'entitlement' } },
      spec: parse(readFileSync(SOURCE, 'utf8')) as object,
    };
    const text = `# A copy of ${SOURCE}, by \`npx vitest run test/monitoring/rules -u\`; change that file instead.\n${stringify(
      object,
      { lineWidth: 0, aliasDuplicateObjects: false },
    )}`;
    const formatted = await format(text, { ...(await resolveConfig(file)), filepath: file });
    await expect(formatted).toMatchFileSnapshot(`../../${file}`);
  });
});

describe('the dashboard', () => {
  const panels = DASHBOARD.panels.filter(({ type }) => type !== 'row');

  it('asks questions, each explained, of the data source that is picked', () => {
    const wanting = panels.filter(
      ({ title, description = '', datasource, targets = [] }) =>
        !/\?( |$)/.test(title) ||
        description === '' ||
        [datasource, ...targets.map((target) => target.datasource)].some((source) => source?.uid !== '${datasource}'),
    );
    expect(wanting.map(({ title }) => title)).toEqual([]);
  });

  it('has no panel twice, and leads to sections that the runbook has', () => {
    for (const values of [DASHBOARD.panels.map(({ id }) => id), DASHBOARD.panels.map(({ title }) => title)])
      expect(values).toEqual([...new Set<unknown>(values)]);
    const links = panels.flatMap(({ links: all = [] }) => all.map(({ url }) => url));
    const sections = names.map((name) => `\${runbooks}docs/runbook.md#${name.toLowerCase()}`);
    expect(links.filter((url) => !sections.includes(url))).toEqual([]);
  });
});

describe('the metrics', () => {
  /** Requests that shared a token: a curiosity, of no use to whoever looks for a fault. */
  const UNASKED = ['entitlement_token_requests_shared_total'];

  it('that dashboard and alerts ask for are those that the service has, and but for one each is asked for', () => {
    const expressions = [...QUERIES, ...ALERTS, ...RECORDINGS].map(({ expr }) => expr).join('\n');
    // A recorded series has a colon in its name.
    const asked = [...expressions.matchAll(/(?<![\w:])entitlement_\w+(?![\w:])/g)].map(([name]) =>
      name.replace(/_(?:bucket|sum|count)$/, ''),
    );
    expect([...new Set([...asked, ...UNASKED])].toSorted()).toEqual(Object.keys(METRICS).toSorted());
  });
});
