// The alert rules as an object of the Prometheus operator.
import { parse, stringify } from 'yaml';

/** @param rules a rule file of Prometheus @returns a PrometheusRule as YAML */
export function prometheusRule(rules: string): string {
  const object = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'entitlement', labels: { 'app.kubernetes.io/name': 'entitlement' } },
    spec: parse(rules) as object,
  };
  const head = '# Made of deploy/prometheus/alerts.yaml by `npm run manifests:write`; change that file instead.\n';
  return head + stringify(object, { lineWidth: 0, aliasDuplicateObjects: false });
}
