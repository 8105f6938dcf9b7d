// The names of series in an expression, whether they exist or not.
import { readExpression } from './promql.js';

export function metricsOf(expression: string): Set<string> {
  return readExpression(expression, new Map()).metrics;
}
