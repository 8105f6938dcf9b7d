// The queries of a dashboard, as Grafana would send them.
import type { Alert } from './alerts-files.js';

/** Stands in for what Grafana fills in. */
const FILLED_IN: Record<string, string> = {
  $__rate_interval: '1m',
  $__range: '6h',
  $namespace: '.*',
  $job: 'entitlement',
  $tokens_left: '1000',
};

/** One query, with the place it is at. */
export interface DashboardQuery {
  /** The panel's title, or the variable's name. */
  place: string;
  /** With Grafana's variables filled in. */
  expr: string;
  legend: string;
}

/** What of a dashboard's JSON the checks look at. */
export interface Dashboard {
  uid: string;
  panels: {
    id: number;
    type: string;
    title: string;
    description?: string;
    datasource?: { uid: string };
    links?: { url: string }[];
    targets?: { refId: string; expr: string; legendFormat: string; datasource: { uid: string } }[];
  }[];
  templating: { list: { name: string; definition?: string }[] };
}

/** Every query of panels and variables. @throws Error on a variable of Grafana's that nothing is filled in for */
export function queriesOf({ panels, templating }: Dashboard): DashboardQuery[] {
  const shown = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ place: title, expr: filledIn(expr), legend: legendFormat })),
  );
  const picked = templating.list.flatMap(({ name, definition }) => {
    const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(definition ?? '') ?? [];
    if (selector === undefined || label === undefined) return [];
    return [{ place: `variable ${name}`, expr: `group by (${label}) (${filledIn(selector)})`, legend: '' }];
  });
  return [...shown, ...picked];
}

/** Labels that a text shows: `{{label}}` of a legend, `{{ $labels.label }}` of an annotation. */
export function labelsShown(text: string): string[] {
  return [...text.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, label = '']) => label);
}

/** What the JSON lacks or has twice. */
export function findingsOfDashboard({ panels }: Dashboard, alerts: readonly Alert[]): string[] {
  const sections = new Set(alerts.map(({ alert }) => `docs/runbook.md#${alert.toLowerCase()}`));
  const findings = panels.flatMap(({ type, title, description, datasource, links = [], targets = [] }) => {
    if (type === 'row') return [];
    return [
      ...(title.endsWith('?') || title.includes('? ') ? [] : [`${title}: is not a question`]),
      ...((description ?? '') === '' ? [`${title}: no description`] : []),
      ...([datasource, ...targets.map((target) => target.datasource)].every((source) => source?.uid === '${datasource}')
        ? []
        : [`${title}: does not ask the data source that is picked`]),
      ...links
        .filter(({ url }) => !sections.has(url.replace('${runbooks}', '')))
        .map(({ url }) => `${title}: link to ${url}, which no alert has`),
    ];
  });
  for (const [what, all] of [
    ['id', panels.map(({ id }) => String(id))],
    ['title', panels.map(({ title }) => title)],
  ] as const) {
    for (const twice of all.filter((value, index) => all.indexOf(value) !== index))
      findings.push(`${what} ${twice} twice`);
  }
  return findings;
}

function filledIn(expression: string): string {
  return expression.replaceAll(/\$\{?\w+\}?/g, (variable) => {
    const value = FILLED_IN[variable];
    if (value === undefined) throw new Error(`nothing to fill in for ${variable}`);
    return value;
  });
}
