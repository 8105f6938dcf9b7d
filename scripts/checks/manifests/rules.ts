// All rules for what an overlay renders to, beyond Kubernetes' own schemas.
import type { IDeployment } from 'kubernetes-models/apps/v1';
import { environmentFindings } from './environment-rules.js';
import type { KubernetesObject } from './kustomize.js';
import { networkFindings } from './network-rules.js';
import { bounded, keepsLogs, oneImage, probed, restricted, runsExistingFiles } from './pod-rules.js';
import { danglingReferences, namespaceFindings } from './reference-rules.js';
import { nameOf } from './schema.js';
import { ofKind, workloadsOf } from './workloads.js';

/** What a set of objects is to be held to. */
export interface RuleOptions {
  /** Whether a file of `dist` is one that the build makes. */
  exists: (path: string) => boolean;
  /** What is applied by itself before the rest, and stands under the rest's network policies later. */
  before?: boolean;
}

/** Everything that is wrong with what one overlay renders to. */
export function ruleFindings(objects: readonly KubernetesObject[], { exists, before = false }: RuleOptions): string[] {
  const workloads = workloadsOf(objects);
  const podRules = [restricted, bounded, probed, keepsLogs, runsExistingFiles(exists)];
  return [
    ...workloads.flatMap((workload) =>
      podRules.flatMap((rule) => rule(workload)).map((finding) => `${workload.name} lacks: ${finding}`),
    ),
    ...oneImage(workloads),
    ...danglingReferences(objects),
    ...namespaceFindings(objects),
    ...environmentFindings(objects),
    ...(before ? [] : [...networkFindings(objects), ...rollout(objects)]),
  ];
}

/** New replicas come before old ones go, and they are spread, as far as there are places. */
function rollout(objects: readonly KubernetesObject[]): string[] {
  const budgets = ofKind(objects, 'PodDisruptionBudget').length;
  const autoscalers = ofKind(objects, 'HorizontalPodAutoscaler').length;
  return ofKind<IDeployment>(objects, 'Deployment')
    .filter(({ spec }) => spec?.replicas === undefined)
    .flatMap((deployment) => {
      const name = nameOf(deployment);
      const { strategy, template } = deployment.spec ?? {};
      const spread = template?.spec?.topologySpreadConstraints ?? [];
      const required = spread.filter(({ whenUnsatisfiable }) => whenUnsatisfiable !== 'ScheduleAnyway');
      return [
        ...(strategy?.rollingUpdate?.maxUnavailable === 0 ? [] : [`${name}: a rollout may take replicas away`]),
        ...(spread.length > 0 ? [] : [`${name} is not spread`]),
        ...required.map(({ topologyKey }) => `${name}: a replica may wait for a ${topologyKey} that is lost`),
        ...(budgets > 0 ? [] : [`${name} has no PodDisruptionBudget`]),
        ...(autoscalers > 0 ? [] : [`${name} has no replicas and no HorizontalPodAutoscaler`]),
      ];
    });
}
