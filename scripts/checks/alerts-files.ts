// The alert rules and their tests, as the checks read them.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** Where the rules and their tests are. */
export const RULES_FILE = 'deploy/prometheus/alerts.yaml';
export const TESTS_FILE = 'deploy/prometheus/alerts.test.yaml';

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

/** One scenario of the tests. */
export interface Scenario {
  name: string;
  input_series: { series: string; values: string }[];
  promql_expr_test?: { expr: string; eval_time: string; exp_samples: { labels: string; value: number }[] }[];
}

/** All rules of the file. */
export function readRules(text = readFileSync(RULES_FILE, 'utf8')): { alerts: Alert[]; recordings: Recording[] } {
  const { groups } = parse(text) as { groups: { rules: (Alert | Recording)[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  return {
    alerts: rules.filter((rule): rule is Alert => 'alert' in rule),
    recordings: rules.filter((rule): rule is Recording => 'record' in rule),
  };
}

/** All scenarios of the tests. */
export function readScenarios(text = readFileSync(TESTS_FILE, 'utf8')): Scenario[] {
  // A document with many aliases is not an attack here.
  return (parse(text, { maxAliasCount: -1 }) as { tests: Scenario[] }).tests;
}
