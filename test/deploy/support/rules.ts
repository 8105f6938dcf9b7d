// What the manifests have to keep to beyond Kubernetes' schemas: what no API server refuses and an operator would pay for.
import { isDeepStrictEqual } from 'node:util';
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { IIngress, INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { IContainer, IService } from 'kubernetes-models/v1';
import { filesUnder, leadsSomewhere } from '../../../scripts/checks/repository.js';
import {
  containersOf,
  isOurs,
  matches,
  nameOf,
  ofKind,
  portOf,
  workloadsOf,
  type KubernetesObject,
  type Workload,
} from './manifests.js';
import { settingsFindings } from './settings.js';

/** What breaks a rule in one rendering. */
type Rule = (objects: readonly KubernetesObject[], workloads: readonly Workload[]) => string[];

/** Objects that somebody makes outside of this repository; docs/deployment.md lists them. */
const MADE_ELSEWHERE = ['Secret entitlement', 'Secret entitlement-migrate', 'Secret entitlement-tls'];

/** What the probes ask, by the file that runs. Those that kill ask nothing that depends on the database. */
const HEALTH: Readonly<Record<string, { live: string; ready: string }>> = {
  'dist/apps/entitlement/src/main.js': { live: '/health/live', ready: '/health/ready' },
  'dist/apps/expressplay-emulator/src/main.js': { live: '/emulator/health', ready: '/emulator/health' },
};

/** Beside it, the pod says the user. */
const RESTRICTED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

const files = filesUnder(process.cwd());

/** Rules for every rendering. */
export const RULES: Readonly<Record<string, Rule>> = {
  'give each container an environment that it starts with, and secrets as files': settingsFindings,

  'let no pod be root, gain rights, write or ask Kubernetes': (_, workloads) => [
    ...workloads.flatMap(({ name, pod: { securityContext: user, ...pod } }) =>
      unless(
        user?.runAsNonRoot === true &&
          (user.runAsUser ?? 0) > 0 &&
          user.seccompProfile?.type === 'RuntimeDefault' &&
          pod.automountServiceAccountToken === false &&
          !(pod.hostNetwork || pod.hostPID || pod.hostIPC || pod.volumes?.some(({ hostPath }) => hostPath)),
        name,
      ),
    ),
    ...containers(workloads, ({ securityContext }) => isDeepStrictEqual(securityContext, RESTRICTED)),
  ],

  'enforce restricted pods in the namespace': (objects) =>
    ofKind(objects, 'Namespace')
      .filter(({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted')
      .map(nameOf),

  'say what each container needs, and what it may take': (_, workloads) =>
    containers(workloads, ({ resources: { requests = {}, limits = {} } = {} }) =>
      ['cpu', 'memory'].every((resource) => resource in requests && resource in limits),
    ),

  'run files of dist that the build makes': (_, workloads) =>
    containers(
      workloads,
      (container) =>
        !isOurs(container) || (container.command?.[0] === 'node' && leadsSomewhere(container.command[1] ?? '', files)),
    ),

  'pin images, and run one version of ours': (_, workloads) => {
    const images = [...new Set(workloads.flatMap(({ pod }) => containersOf(pod).map(({ image = '' }) => image)))];
    const ours = images.filter((image) => isOurs({ name: '', image }));
    const floating = images.filter((image) => !/:(?!latest$)[\w.-]+(?:@sha256:\w+)?$|@sha256:\w+$/.test(image));
    return [...floating, ...(ours.length > 1 ? ours : [])];
  },

  'probe what serves, at the paths that are for it': (_, workloads) =>
    workloads
      .filter(({ serves }) => serves)
      .flatMap(({ name, pod }) =>
        pod.containers.flatMap(({ command = [], ...container }) =>
          (['startupProbe', 'livenessProbe', 'readinessProbe'] as const)
            .filter((kind) => {
              const probe = container[kind];
              if (probe?.httpGet === undefined) return probe?.exec === undefined;
              const wanted = HEALTH[command[1] ?? '']?.[kind === 'readinessProbe' ? 'ready' : 'live'];
              return probe.httpGet.path !== wanted || portOf(pod, probe.httpGet.port) === undefined;
            })
            .map((kind) => `${name}: ${kind}`),
        ),
      ),

  // A pod that is restarted is removed when its job gives up, and its log with it.
  'keep the log of a job that failed': (_, workloads) =>
    workloads.filter(({ serves, pod }) => !serves && pod.restartPolicy !== 'Never').map(({ name }) => name),

  'name no Secret, ConfigMap or ServiceAccount that nobody makes': (objects, workloads) => {
    const there = [...objects.map(nameOf), ...MADE_ELSEWHERE];
    const wanted = workloads.flatMap(({ pod }) => [
      `ServiceAccount ${pod.serviceAccountName ?? ''}`,
      ...(pod.volumes ?? []).flatMap(({ secret, configMap }) => [
        `Secret ${secret?.secretName ?? ''}`,
        `ConfigMap ${configMap?.name ?? ''}`,
      ]),
      ...containersOf(pod).flatMap(({ envFrom = [] }) =>
        envFrom.map(({ configMapRef }) => `ConfigMap ${configMapRef?.name ?? ''}`),
      ),
    ]);
    return wanted.filter((reference) => !reference.endsWith(' ') && !there.includes(reference));
  },

  'select what is there, at ports that it has': (objects, workloads) => {
    const services = ofKind<IService>(objects, 'Service');
    return [
      ...services.flatMap((service) => {
        const found = workloads.filter(({ labels }) => matches({ matchLabels: service.spec?.selector }, labels));
        const ports = service.spec?.ports ?? [];
        return unless(
          found.length === 1 && ports.every(({ targetPort, port }) => portOf(found[0]!.pod, targetPort ?? port)),
          nameOf(service),
        );
      }),
      ...ofKind<IPodDisruptionBudget>(objects, 'PodDisruptionBudget').flatMap((budget) => {
        const found = workloads.filter(({ labels }) => matches(budget.spec?.selector, labels));
        return unless(found.length === 1, nameOf(budget));
      }),
      ...ofKind<IServiceMonitor>(objects, 'ServiceMonitor').flatMap((monitor) => {
        const found = services.filter(({ metadata }) => matches(monitor.spec.selector, metadata.labels));
        const ports = found.flatMap(({ spec }) => spec?.ports ?? []).map(({ name }) => name);
        return unless(
          found.length === 1 && monitor.spec.endpoints.every(({ port }) => ports.includes(port)),
          nameOf(monitor),
        );
      }),
      ...ofKind<IIngress>(objects, 'Ingress').flatMap((ingress) => {
        const secured = (ingress.spec?.tls ?? []).flatMap(({ hosts = [] }) => hosts);
        return (ingress.spec?.rules ?? []).flatMap(({ host = '', http }) => [
          ...unless(secured.includes(host), `${nameOf(ingress)}: ${host} has no certificate`),
          ...(http?.paths ?? []).flatMap(({ backend: { service: wanted } }) => {
            const service = services.find(({ metadata }) => metadata.name === wanted?.name);
            return unless(
              service?.spec?.ports?.some(({ name }) => name === wanted?.port?.name),
              `${nameOf(ingress)}: ${wanted?.name}`,
            );
          }),
        ]);
      }),
    ];
  },
};

/** Rules for what stays: what is applied before the rest stands under the rest's network policies later. */
export const LASTING_RULES: Readonly<Record<string, Rule>> = {
  'close the network, and open it to pods and ports that are there': (objects, workloads) => {
    const policies = ofKind<INetworkPolicy>(objects, 'NetworkPolicy');
    return [
      ...unless(policies.some(closesEverything), 'no NetworkPolicy closes everything else'),
      ...policies.flatMap((policy) => {
        const { ingress = [], egress = [] } = policy.spec ?? {};
        const concerned = workloads.filter((workload) => concerns(policy, workload));
        const ports = ingress.flatMap((rule) => rule.ports ?? []);
        const peers = egress.flatMap(({ to = [] }) => to).filter((peer) => !peer.namespaceSelector && peer.podSelector);
        return [
          ...unless(concerned.length > 0, `${nameOf(policy)} concerns no pod`),
          ...unless(
            ports.every(({ port }) => port === undefined || concerned.some(({ pod }) => portOf(pod, port))),
            `${nameOf(policy)} opens a port that no pod has`,
          ),
          ...unless(
            peers.every((peer) => workloads.some(({ labels }) => matches(peer.podSelector, labels))),
            `${nameOf(policy)} leads to no pod`,
          ),
          ...unless(
            ingress.every((rule) => rule.ports?.length) &&
              egress.every((rule) => rule.to?.length && rule.ports?.length),
            `${nameOf(policy)} opens more than it names`,
          ),
        ];
      }),
    ];
  },

  'let in to every port of a Service, and out to Postgres and ExpressPlay': (objects, workloads) => {
    const policies = ofKind<INetworkPolicy>(objects, 'NetworkPolicy');
    return workloads.flatMap((workload) => {
      const mine = policies.filter((policy) => concerns(policy, workload));
      const inside = mine.flatMap(({ spec }) => spec?.ingress ?? []).flatMap(({ ports = [] }) => ports);
      const outside = mine.flatMap(({ spec }) => spec?.egress ?? []).flatMap(({ ports = [] }) => ports);
      const open = inside.map(({ port }) => portOf(workload.pod, port));
      const served = ofKind<IService>(objects, 'Service')
        .filter(({ spec }) => matches({ matchLabels: spec?.selector }, workload.labels))
        .flatMap(({ spec }) => spec?.ports ?? []);
      const variables = containersOf(workload.pod).flatMap(({ env = [] }) => env.map(({ name }) => name));
      const needed = [
        ...(variables.includes('DATABASE_URL_FILE') ? [53, 5432] : []),
        ...(variables.includes('EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_FILE') ? [443] : []),
      ];
      return [
        ...served
          .filter(({ targetPort, port }) => !open.includes(portOf(workload.pod, targetPort ?? port)))
          .map(({ name }) => `${workload.name}: nobody may reach ${name}`),
        ...needed
          .filter((port) => !outside.some((rule) => rule.port === port))
          .map((port) => `${workload.name} may not reach any port ${port}`),
      ];
    });
  },

  'replace replicas one by one, spread them where there is room, and leave their number to the autoscaler': (objects) =>
    ofKind<IHorizontalPodAutoscaler>(objects, 'HorizontalPodAutoscaler').flatMap(({ spec }) => {
      const target = objects.find((object) => nameOf(object) === `Deployment ${spec?.scaleTargetRef.name}`);
      const { replicas, strategy, template } = (target as IDeployment | undefined)?.spec ?? {};
      const spread = template?.spec?.topologySpreadConstraints ?? [];
      return [
        ...unless(target !== undefined && replicas === undefined, 'the autoscaler has no Deployment to itself'),
        ...unless(strategy?.rollingUpdate?.maxUnavailable === 0, 'a rollout may take replicas away'),
        // With DoNotSchedule a replica would wait for a zone that is lost.
        ...unless(
          spread.length > 0 && spread.every(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway'),
          'replicas are not spread, or have to be',
        ),
        ...unless(ofKind(objects, 'PodDisruptionBudget').length > 0, 'there is no PodDisruptionBudget'),
      ];
    }),
};

/** What breaks a rule in what an overlay renders to. */
export function breaches(rule: Rule, objects: readonly KubernetesObject[]): string[] {
  return rule(objects, workloadsOf(objects));
}

/** All pods, both directions, nothing let through. */
function closesEverything({ spec }: INetworkPolicy): boolean {
  return (
    Object.keys(spec?.podSelector ?? { none: '' }).length === 0 &&
    spec?.policyTypes?.toSorted().join() === 'Egress,Ingress' &&
    spec.ingress === undefined &&
    spec.egress === undefined
  );
}

function concerns({ spec }: INetworkPolicy, { labels }: Workload): boolean {
  return matches(spec?.podSelector, labels);
}

function containers(workloads: readonly Workload[], holds: (container: IContainer) => boolean): string[] {
  return workloads.flatMap(({ name, pod }) =>
    containersOf(pod)
      .filter((container) => !holds(container))
      .map((container) => `${name}: ${container.name}`),
  );
}

function unless(holds: unknown, finding: string): string[] {
  return holds ? [] : [finding];
}
