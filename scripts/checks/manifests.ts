// `npm run manifests:check`: renders every overlay and component under deploy/kubernetes, holds each object to Kubernetes'
// schemas, and the whole to the rules of ./manifests. Needs kubectl and no cluster.
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { EXTERNAL_SECRETS, render, renderings } from './manifests/kustomize.js';
import { ruleFindings } from './manifests/rules.js';
import { schemaFindings } from './manifests/schema.js';
import { releaseFindings } from './manifests/release-rules.js';
import { ofKind } from './manifests/workloads.js';
import { filesUnder, leadsSomewhere } from './repository.js';

const files = filesUnder(process.cwd());
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const all = renderings();

const findings = [
  ...(await schemaFindings([...all.flatMap(({ objects }) => objects), ...render(EXTERNAL_SECRETS)])),
  ...all.flatMap(({ name, objects }) =>
    [
      ...ruleFindings(objects, {
        exists: (path) => path.startsWith('dist/') && leadsSomewhere(path, files),
        before: name.endsWith('/migrate'),
      }),
      ...releaseFindings(name, objects, version),
    ].map((finding) => `${name}: ${finding}`),
  ),
];
for (const finding of findings) console.error(finding);
if (findings.length > 0) process.exitCode = 1;
// What has to be in the cluster is not in the manifests.
for (const { name, objects } of all) {
  const metrics = ofKind<IHorizontalPodAutoscaler>(objects, 'HorizontalPodAutoscaler').flatMap(
    ({ spec }) => spec?.metrics ?? [],
  );
  const asked = metrics.map(({ resource, pods }) =>
    pods === undefined ? `metrics-server for ${resource?.name}` : `the Prometheus adapter for ${pods.metric.name}`,
  );
  if (asked.length > 0) console.log(`${name}: the autoscaler asks ${asked.join(' and ')}`);
}
const objects = all.reduce((count, rendering) => count + rendering.objects.length, 0);
console.log(`manifests: ${all.length} renderings, ${objects} objects, ${findings.length} findings`);
