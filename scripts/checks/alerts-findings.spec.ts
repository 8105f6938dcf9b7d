import { describe, expect, it } from 'vitest';
import { EVENT_CLASSES, type EventClass, type TransportFailureReason } from '@app/expressplay';
import { PROBLEMS } from '@app/platform/problems';
import { readRules, readScenarios, type Alert, type Scenario } from './alerts-files.js';
import { findingsOfRunbook, findingsOfTests, findingsOfWords, QUIET } from './alerts-findings.js';

const { alerts, recordings } = readRules();

function alertOf(name: string): Alert {
  return {
    alert: name,
    expr: 'age > 5',
    labels: { severity: 'page' },
    annotations: {
      summary: 'It is old',
      description: 'It is older than five seconds.',
      runbook_url: `{{ $externalLabels.runbooks }}docs/runbook.md#${name.toLowerCase()}`,
    },
  };
}

const FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})';

function scenario(name: string, firing: string[], series = ['age{job="a"}'], expr = FIRING): Scenario {
  const samples = firing.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 }));
  return {
    name,
    input_series: series.map((text) => ({ series: text, values: '1x9' })),
    promql_expr_test: [{ expr, eval_time: '5m', exp_samples: samples }],
  };
}

describe('an alert', () => {
  const old = alertOf('EntitlementOld');

  it('without words, severity or link is found', () => {
    expect(findingsOfWords(old)).toEqual([]);
    const bare = { ...old, alert: 'Old', labels: {}, annotations: { summary: ' ' } };
    expect(findingsOfWords(bare)).toEqual([
      'Old: the name does not begin with Entitlement',
      'Old: no severity (page or ticket)',
      'Old: no summary',
      'Old: no description',
      'Old: runbook_url is not {{ $externalLabels.runbooks }}docs/runbook.md#old',
    ]);
  });

  it('without a section is found, and a section without an alert', () => {
    expect(findingsOfRunbook([old], '# Runbook\n\n## EntitlementOld\n\nText\n')).toEqual([]);
    expect(findingsOfRunbook([old], '## EntitlementNew\n\nSee EntitlementOld\n')).toEqual([
      'EntitlementOld: no section in the runbook',
      'EntitlementNew: in the runbook, but no alert',
    ]);
  });

  it('without a test in which it fires, or one in which it does not, is found', () => {
    const quiet = scenario(QUIET, []);
    const fires = scenario('EntitlementOld: six', ['EntitlementOld']);
    const doesNot = scenario('EntitlementOld: not at five', []);
    expect(findingsOfTests([old], [], [fires, doesNot, quiet])).toEqual([]);
    expect(findingsOfTests([old], [], [fires, quiet])).toEqual(['EntitlementOld: no test in which it does not fire']);
    expect(findingsOfTests([old], [], [doesNot, quiet])).toEqual(['EntitlementOld: no test in which it fires']);
    for (const expr of ['age', 'ALERTS{alertstate="pending"}', 'ALERTS{alertname="EntitlementNew"}']) {
      const other = scenario('EntitlementOld: not at five', [], undefined, expr);
      expect(findingsOfTests([old], [], [fires, other, quiet])).toEqual([
        'EntitlementOld: no test in which it does not fire',
      ]);
    }
    expect(findingsOfTests([old], [], [fires, doesNot, scenario(QUIET, [], [])])).toEqual([
      'No traffic: has no series of age',
    ]);
  });
});

describe('the rules', () => {
  it('have words, and tests of both kinds', () => {
    expect(alerts.flatMap(findingsOfWords)).toEqual([]);
    expect(findingsOfTests(alerts, recordings, readScenarios())).toEqual([]);
  });

  const codesOf = (name: string) => {
    const { expr = '' } = alerts.find(({ alert }) => alert === name) ?? {};
    return /code=~"([^"]+)"/.exec(expr)?.[1]?.split('|').toSorted();
  };
  const codesOfClass = (wanted: EventClass) =>
    Object.entries(EVENT_CLASSES)
      .filter(([, row]) => row.class === wanted)
      .map(([code]) => code);

  it('page for the codes by which ExpressPlay refuses the account, all of them and no others', () => {
    expect(codesOf('EntitlementExpressPlayRefuses')).toEqual(codesOfClass('operator').toSorted());
  });

  it("call ExpressPlay unavailable for what is nobody else's to mend", () => {
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
    const [, pattern = ''] = /outcome=~"(upstream[^"]+)"/.exec(recordings[0]?.expr ?? '') ?? [];
    const failed = Object.keys(PROBLEMS).filter((code) => new RegExp(`^(?:${pattern})$`).test(code));
    const expected = Object.entries(PROBLEMS).filter(([, { status }]) => status >= 500);
    expect(failed.toSorted()).toEqual(expected.map(([code]) => code).toSorted());
  });
});
