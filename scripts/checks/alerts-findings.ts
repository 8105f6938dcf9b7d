// What is missing about alerts: words for the person who is woken, a section of the runbook, a test.
import type { Alert, Recording, Scenario } from './alerts-files.js';
import { metricsOf } from './alerts-metrics.js';

/** The scenario in which nothing goes on. */
export const QUIET = 'No traffic';

const SEVERITIES = ['page', 'ticket'];

/** What a person needs who gets the alert. */
export function findingsOfWords({ alert, labels, annotations }: Alert): string[] {
  const findings: string[] = [];
  if (!/^Entitlement[A-Z][A-Za-z]+$/.test(alert)) findings.push(`${alert}: the name does not begin with Entitlement`);
  if (!SEVERITIES.includes(labels.severity ?? '')) findings.push(`${alert}: no severity (${SEVERITIES.join(' or ')})`);
  for (const text of ['summary', 'description']) {
    if ((annotations[text] ?? '').trim() === '') findings.push(`${alert}: no ${text}`);
  }
  const link = `{{ $externalLabels.runbooks }}docs/runbook.md#${alert.toLowerCase()}`;
  if (annotations.runbook_url !== link) findings.push(`${alert}: runbook_url is not ${link}`);
  return findings;
}

/** Alerts without a section in the runbook, and sections on alerts that are not there. */
export function findingsOfRunbook(alerts: readonly Alert[], runbook: string): string[] {
  const names = alerts.map(({ alert }) => alert);
  const sections = [...runbook.matchAll(/^## (Entitlement\w+)\s*$/gm)].map(([, name = '']) => name);
  return [
    ...names.filter((name) => !sections.includes(name)).map((name) => `${name}: no section in the runbook`),
    ...sections.filter((name) => !names.includes(name)).map((name) => `${name}: in the runbook, but no alert`),
  ];
}

/** Alerts without a scenario of their own in which they fire, or without one in which they do not. */
export function findingsOfTests(
  alerts: readonly Alert[],
  recordings: readonly Recording[],
  scenarios: readonly Scenario[],
): string[] {
  const findings = alerts.flatMap(({ alert }) => {
    const own = scenarios.filter(({ name }) => name.startsWith(`${alert}:`));
    const expectations = own.flatMap((scenario) => scenario.promql_expr_test ?? []);
    // Only what asks for all alerts that fire says of this one that it does not.
    const fires = expectations
      .filter(({ expr: asked }) => asked.includes('ALERTS{alertstate="firing"}'))
      .map(({ exp_samples: samples }) => samples.some(({ labels }) => labels.includes(`"${alert}"`)));
    return [
      ...(fires.includes(true) ? [] : [`${alert}: no test in which it fires`]),
      ...(fires.includes(false) ? [] : [`${alert}: no test in which it does not fire`]),
    ];
  });
  const quiet = scenarios.find(({ name }) => name === QUIET);
  const present = (quiet?.input_series ?? []).map(({ series }) => series.split('{', 1)[0]);
  const recorded = new Set(recordings.map(({ record }) => record));
  const wanted = new Set([...alerts, ...recordings].flatMap(({ expr }) => [...metricsOf(expr)]));
  for (const metric of wanted) {
    if (!recorded.has(metric) && !present.includes(metric)) findings.push(`${QUIET}: has no series of ${metric}`);
  }
  return findings;
}
