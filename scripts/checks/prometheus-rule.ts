// Keeps the PrometheusRule for Kubernetes equal to deploy/prometheus/alerts.yaml, which kustomize cannot take in itself:
// `npm run manifests:write` makes it again, `npm run manifests:check` tells the drift.
import { readFileSync } from 'node:fs';
import { keepGenerated } from './generated-document.js';
import { prometheusRule } from './manifests/prometheus-rule.js';

const SOURCE = 'deploy/prometheus/alerts.yaml';

await keepGenerated(
  'deploy/kubernetes/components/monitoring/prometheus-rule.yaml',
  () => prometheusRule(readFileSync(SOURCE, 'utf8')),
  SOURCE,
  'npm run manifests:write',
);
