// What queries may speak of: the series of a scrape, what Prometheus adds to them, and what it computes of them.
import type { Alert, Recording } from '../../../scripts/checks/alerts-files.js';
import { readExpression, type Catalogue } from '../../../scripts/checks/promql.js';
import { METRICS } from '../../metrics/support/contract.js';
import type { Scrape } from '../../metrics/support/scrape.js';

type Labels = Map<string, Set<string>>;

/**
 * Names and labels are those of the scrape; a label's values are those of the scrape and those that the code can give.
 * Beside them there are two series that are Prometheus' own: `up`, one for each process it scrapes, and `ALERTS`.
 */
export function catalogueOf(
  { samples }: Scrape,
  alerts: readonly Alert[],
  recordings: readonly Recording[],
): Catalogue {
  const catalogue = new Map<string, Labels>();
  for (const { name, labels } of samples) {
    const known: Labels = catalogue.get(name) ?? new Map<string, Set<string>>();
    catalogue.set(name, known);
    for (const [label, value] of Object.entries(labels))
      known.set(label, (known.get(label) ?? valuesOf(name, label)).add(value));
  }
  catalogue.set('up', new Map());
  const names = alerts.map(({ alert }) => alert);
  const severities = alerts.map(({ labels }) => labels.severity ?? '');
  catalogue.set(
    'ALERTS',
    new Map([
      ['alertname', new Set(names)],
      ['alertstate', new Set(['pending', 'firing'])],
      ['severity', new Set(severities)],
    ]),
  );
  for (const { record, expr } of recordings) {
    const { labels = new Set<string>() } = readExpression(expr, catalogue);
    catalogue.set(record, new Map([...labels].map((label) => [label, new Set<string>()])));
  }
  return catalogue;
}

function valuesOf(series: string, label: string): Set<string> {
  const metric = METRICS[series] ?? METRICS[series.replace(/_(?:bucket|sum|count)$/, '')];
  const values = metric?.labels[label];
  return new Set(Array.isArray(values) ? values : []);
}
