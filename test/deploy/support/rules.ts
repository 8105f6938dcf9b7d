// What the manifests have to keep to beyond Kubernetes' schemas: what no API server refuses and an operator would pay for.
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { IHTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IContainer, IService } from 'kubernetes-models/v1';
import { isOurs, matches, nameOf, ofKind, portOf, type Rendering, type Workload } from './manifests.js';
import { settingsFindings } from './settings.js';

/** Objects that somebody makes outside of this repository; docs/deployment.md lists them. */
const MADE_ELSEWHERE = ['Secret entitlement', 'Secret entitlement-migrate', 'Secret entitlement-tls'];

/** What the probes ask, by the file that runs. Those that kill ask nothing that depends on the database. */
const HEALTH: Readonly<Record<string, { live: string; ready: string }>> = {
  'dist/apps/entitlement/src/main.js': { live: '/health/live', ready: '/health/ready' },
  'dist/apps/expressplay-emulator/src/main.js': { live: '/emulator/health', ready: '/emulator/health' },
};

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

/** What breaks a rule in one rendering, by the rule's name. */
export const RULES: Readonly<Record<string, (rendering: Rendering) => string[]>> = {
  'give each container an environment that it starts with, and secrets as files': settingsFindings,

  // The rest of it the cluster enforces, as the namespace asks.
  'let no pod be root, gain rights, write or ask Kubernetes': ({ objects, workloads }) => [
    ...ofKind(objects, 'Namespace')
      .filter(({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted')
      .map(nameOf),
    ...workloads
      .filter(
        ({ pod: { securityContext: user, automountServiceAccountToken } }) =>
          !user?.runAsNonRoot || !user.runAsUser || automountServiceAccountToken !== false,
      )
      .map(({ name }) => name),
    ...containersThat(workloads, ({ securityContext }) =>
      isDeepStrictEqual(securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      }),
    ),
  ],

  'say what each container needs, and what it may take': ({ workloads }) =>
    containersThat(workloads, ({ resources: { requests = {}, limits = {} } = {} }) =>
      ['cpu', 'memory'].every((resource) => resource in requests && resource in limits),
    ),

  'run the version of package.json, locally what was just built, and of others what is pinned': ({ name, workloads }) =>
    containersThat(workloads, (container) => {
      const [, tag = 'latest'] = /:([\w.-]+)(?:@sha256:\w+)?$/.exec(container.image ?? '') ?? [];
      return isOurs(container) ? tag === (name.startsWith('local') ? 'local' : version) : tag !== 'latest';
    }),

  'probe what serves, at the paths that are for it': ({ workloads }) =>
    workloads
      .filter(({ serves }) => serves)
      .flatMap((workload) =>
        containersThat([{ ...workload, containers: workload.pod.containers }], ({ command = [], ...container }) =>
          (['startupProbe', 'livenessProbe', 'readinessProbe'] as const).every((kind) => {
            const { httpGet, exec } = container[kind] ?? {};
            const path = HEALTH[command[1] ?? '']?.[kind === 'readinessProbe' ? 'ready' : 'live'];
            return exec ?? (httpGet?.path === path && portOf(workload, httpGet?.port));
          }),
        ),
      ),

  'name no Secret, ConfigMap or ServiceAccount that nobody makes': ({ objects, workloads }) => {
    const there = [...objects.map(nameOf), ...MADE_ELSEWHERE];
    const wanted = workloads.flatMap(({ pod, containers }) => [
      ['ServiceAccount', pod.serviceAccountName],
      ...(pod.volumes ?? []).flatMap(({ secret, configMap }) => [
        ['Secret', secret?.secretName],
        ['ConfigMap', configMap?.name],
      ]),
      ...containers.flatMap(({ envFrom = [] }) => envFrom.map(({ configMapRef }) => ['ConfigMap', configMapRef?.name])),
    ]);
    return wanted.flatMap(([kind, name]) => unless(!name || there.includes(`${kind} ${name}`), `${kind} ${name}`));
  },

  'select what is there, at ports that it has': ({ objects, workloads }) => {
    const services = ofKind<IService>(objects, 'Service');
    return [
      ...services.flatMap((service) => {
        const [found, ...more] = workloads.filter(({ labels }) =>
          matches({ matchLabels: service.spec?.selector }, labels),
        );
        const ports = service.spec?.ports ?? [];
        return unless(
          found && more.length === 0 && ports.every(({ targetPort, port }) => portOf(found, targetPort ?? port)),
          nameOf(service),
        );
      }),
      // One that finds nothing raises no alert.
      ...ofKind<IServiceMonitor>(objects, 'ServiceMonitor').flatMap((monitor) => {
        const found = services.find(({ metadata }) => matches(monitor.spec.selector, metadata.labels));
        const ports = found?.spec?.ports?.map(({ name }) => name);
        return unless(
          monitor.spec.endpoints.every(({ port }) => ports?.includes(port)),
          nameOf(monitor),
        );
      }),
      ...ofKind<IHTTPRoute>(objects, 'HTTPRoute').flatMap((route) => {
        const backends = route.spec.rules?.flatMap(({ backendRefs = [] }) => backendRefs) ?? [];
        const ports = services.flatMap(({ metadata, spec }) =>
          spec?.ports?.map(({ port }) => `${metadata.name}:${port}`),
        );
        return unless(
          backends.every(({ name, port }) => ports.includes(`${name}:${port}`)),
          nameOf(route),
        );
      }),
    ];
  },

  'close the network, and open it to pods and ports that are there': ({ name: applied, objects, workloads }) => {
    // What is applied before the rest stands under the rest's network policies later.
    if (applied.endsWith('/migrate')) return [];
    const policies = ofKind<INetworkPolicy>(objects, 'NetworkPolicy');
    const services = ofKind<IService>(objects, 'Service');
    return [
      ...unless(policies.some(closesEverything), 'no NetworkPolicy closes everything else'),
      ...policies.flatMap((policy) => {
        const { podSelector, ingress = [], egress = [] } = policy.spec ?? {};
        const concerned = workloads.filter(({ labels }) => matches(podSelector, labels));
        const ports = ingress.flatMap((rule) => rule.ports ?? []);
        const peers = egress.flatMap(({ to = [] }) => to).filter((peer) => !peer.namespaceSelector && peer.podSelector);
        return unless(
          concerned.length > 0 &&
            ingress.every((rule) => rule.ports?.length) &&
            egress.every((rule) => rule.to?.length && rule.ports?.length) &&
            ports.every(({ port }) => concerned.some((workload) => portOf(workload, port))) &&
            peers.every((peer) => workloads.some(({ labels }) => matches(peer.podSelector, labels))),
          `${nameOf(policy)} concerns no pod, names none or no port, or one that is not there`,
        );
      }),
      ...workloads.flatMap((workload) => {
        const mine = policies.filter(({ spec }) => matches(spec?.podSelector, workload.labels));
        const inward = mine.flatMap(({ spec }) => spec?.ingress ?? []).flatMap(({ ports = [] }) => ports);
        const outward = mine.flatMap(({ spec }) => spec?.egress ?? []).flatMap(({ ports = [] }) => ports);
        const open = inward.map(({ port }) => portOf(workload, port));
        const served = services
          .filter(({ spec }) => matches({ matchLabels: spec?.selector }, workload.labels))
          .flatMap(({ spec }) =>
            (spec?.ports ?? []).map(({ targetPort, port }) => portOf(workload, targetPort ?? port)),
          );
        const variables = workload.containers.flatMap(({ env = [] }) => env.map(({ name }) => name));
        const needed = [
          ...(variables.includes('DATABASE_URL_FILE') ? [53, 5432] : []),
          ...(variables.includes('EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_FILE') ? [443] : []),
        ];
        return [
          ...served.flatMap((port) => unless(open.includes(port), `${workload.name}: nobody may reach ${port}`)),
          ...needed.flatMap((port) =>
            unless(
              outward.some((rule) => rule.port === port),
              `${workload.name} may not reach any port ${port}`,
            ),
          ),
        ];
      }),
    ];
  },
};

/** All pods, both directions, nothing let through. */
function closesEverything({ spec }: INetworkPolicy): boolean {
  return isDeepStrictEqual(spec, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
}

/** The names of the containers that do not keep to a rule. */
function containersThat(workloads: readonly Workload[], keep: (container: IContainer) => unknown): string[] {
  return workloads.flatMap(({ name, containers }) =>
    containers.filter((container) => !keep(container)).map((container) => `${name}: ${container.name}`),
  );
}

function unless(holds: unknown, finding: string): string[] {
  return holds ? [] : [finding];
}
