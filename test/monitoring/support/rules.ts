// The alert rules, their tests and the dashboard's queries, as they are under deploy.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** An alert. */
export interface Alert {
  alert: string;
  expr: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** A series that Prometheus computes beforehand. */
export interface Recording {
  record: string;
  expr: string;
}

/** A scenario of the alerts' tests. */
export interface Scenario {
  name: string;
  promql_expr_test?: { expr: string; exp_samples: { labels: string }[] }[];
}

/** One query of the dashboard, with Grafana's variables filled in. */
export interface DashboardQuery {
  /** The panel's title, or the variable's name. */
  place: string;
  expr: string;
  legend: string;
}

/** What of the dashboard's JSON the tests look at. */
export interface Dashboard {
  panels: {
    id: number;
    type: string;
    title: string;
    description?: string;
    datasource?: { uid: string };
    links?: { url: string }[];
    targets?: { expr: string; legendFormat: string; datasource: { uid: string } }[];
  }[];
  templating: { list: { name: string; definition?: string }[] };
}

/** Stands in for what Grafana fills in. */
const FILLED_IN: Readonly<Record<string, string>> = {
  $__rate_interval: '1m',
  $__range: '6h',
  $namespace: '.*',
  $job: 'entitlement',
  $tokens_left: '1000',
};

const { groups } = parse(readFileSync('deploy/prometheus/alerts.yaml', 'utf8')) as {
  groups: { rules: (Alert | Recording)[] }[];
};
const rules = groups.flatMap((group) => group.rules);
export const ALERTS = rules.filter((rule): rule is Alert => 'alert' in rule);
export const RECORDINGS = rules.filter((rule): rule is Recording => 'record' in rule);

export const DASHBOARD = JSON.parse(readFileSync('deploy/grafana/dashboards/entitlement.json', 'utf8')) as Dashboard;

/** Every query of panels and variables, as Grafana would send it. */
export const QUERIES: DashboardQuery[] = [
  ...DASHBOARD.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ place: title, expr: filledIn(expr), legend: legendFormat })),
  ),
  ...DASHBOARD.templating.list.flatMap(({ name, definition }) => {
    const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(definition ?? '') ?? [];
    if (selector === undefined) return [];
    return [{ place: `variable ${name}`, expr: `group by (${label}) (${filledIn(selector)})`, legend: '' }];
  }),
];

/** The labels that a legend shows: `{{label}}`. */
export function labelsShown(legend: string): string[] {
  return [...legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label = '']) => label);
}

function filledIn(expression: string): string {
  return expression.replaceAll(/\$\{?\w+\}?/g, (variable) => {
    const value = FILLED_IN[variable];
    if (value === undefined) throw new Error(`nothing to fill in for ${variable}`);
    return value;
  });
}
