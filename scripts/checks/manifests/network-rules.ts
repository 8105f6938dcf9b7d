// Rules of the network: everything is closed, and what is open leads to pods and ports that are there.
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IService } from 'kubernetes-models/v1';
import type { KubernetesObject } from './kustomize.js';
import { nameOf } from './schema.js';
import { containersOf, matches, ofKind, portOf, workloadsOf, type LabelSelector, type Workload } from './workloads.js';

type Policy = KubernetesObject & INetworkPolicy;

const DNS_PORT = 53;
const POSTGRES_PORT = 5432;
const TLS_PORT = 443;

/** What is open that leads nowhere, and what is closed that has to be open. */
export function networkFindings(objects: readonly KubernetesObject[]): string[] {
  const policies = ofKind<INetworkPolicy>(objects, 'NetworkPolicy');
  const workloads = workloadsOf(objects);
  return [
    ...(policies.some(closesEverything) ? [] : ['no NetworkPolicy closes everything else']),
    ...policies.flatMap((policy) => aims(policy, workloads)),
    ...ofKind<IService>(objects, 'Service').flatMap((service) => closedService(service, workloads, policies)),
    ...workloads.flatMap((workload) => closedEgress(workload, policies)),
  ];
}

/** All pods, both directions, nothing let through. */
function closesEverything({ spec }: Policy): boolean {
  return (
    Object.keys(spec?.podSelector ?? { none: '' }).length === 0 &&
    spec?.policyTypes?.includes('Ingress') === true &&
    spec.policyTypes.includes('Egress') &&
    (spec.ingress ?? []).length === 0 &&
    (spec.egress ?? []).length === 0
  );
}

/** A policy concerns pods that are there, and its ports are theirs. */
function aims(policy: Policy, workloads: readonly Workload[]): string[] {
  const concerned = workloads.filter((workload) => concerns(policy, workload));
  if (concerned.length === 0) return [`${nameOf(policy)} concerns no pod`];
  const missing = (policy.spec?.ingress ?? [])
    .flatMap(({ ports = [] }) => ports)
    .filter(({ port }) => port !== undefined && !concerned.some(({ pod }) => portOf(pod, port) !== undefined));
  return [
    ...missing.map(({ port }) => `${nameOf(policy)}: no pod has a port ${port}`),
    ...targetsOf(policy)
      .filter((target) => !workloads.some(({ labels }) => matches(target, labels)))
      .map(() => `${nameOf(policy)} leads to no pod`),
    // To let everybody in, or out to everywhere on every port, is no policy.
    ...(policy.spec?.egress ?? [])
      .filter(({ to = [], ports = [] }) => to.length === 0 || ports.length === 0)
      .map(() => `${nameOf(policy)} lets out to anywhere`),
    ...(policy.spec?.ingress ?? [])
      .filter(({ ports = [] }) => ports.length === 0)
      .map(() => `${nameOf(policy)} lets in on every port`),
  ];
}

/** Pods of the same namespace that a policy lets its pods reach. */
function targetsOf({ spec }: Policy): LabelSelector[] {
  return (spec?.egress ?? [])
    .flatMap(({ to = [] }) => to)
    .filter(({ namespaceSelector, podSelector }) => namespaceSelector === undefined && podSelector !== undefined)
    .map(({ podSelector }) => podSelector as LabelSelector);
}

/** A Service whose port nobody may reach is a mistake. */
function closedService(
  service: KubernetesObject & IService,
  workloads: readonly Workload[],
  policies: readonly Policy[],
): string[] {
  const { selector, ports = [] } = service.spec ?? {};
  return workloads
    .filter(({ labels }) => matches({ matchLabels: selector }, labels))
    .flatMap((workload) =>
      ports
        .filter(({ targetPort, port }) => {
          const number = portOf(workload.pod, targetPort ?? port);
          return !policies.some(
            (policy) =>
              concerns(policy, workload) &&
              (policy.spec?.ingress ?? [])
                .flatMap((rule) => rule.ports ?? [])
                .some((open) => portOf(workload.pod, open.port ?? '') === number),
          );
        })
        .map(({ name }) => `${nameOf(service)}: no NetworkPolicy opens port ${name}`),
    );
}

/** What asks Postgres, ExpressPlay or an issuer may do so, and may ask for names. */
function closedEgress(workload: Workload, policies: readonly Policy[]): string[] {
  const open = new Set(
    policies
      .filter((policy) => concerns(policy, workload))
      .flatMap(({ spec }) => spec?.egress ?? [])
      .flatMap(({ ports = [] }) => ports.map(({ port }) => port)),
  );
  const variables = new Set(
    containersOf(workload.pod).flatMap(({ env = [], envFrom = [] }) => [
      ...env.map(({ name }) => name),
      // The service's settings: it asks ExpressPlay as well.
      ...(envFrom.length > 0 ? ['EXPRESSPLAY'] : []),
    ]),
  );
  const needed = [
    ...(variables.has('DATABASE_URL_FILE') ? [DNS_PORT, POSTGRES_PORT] : []),
    ...(variables.has('EXPRESSPLAY') ? [TLS_PORT] : []),
  ];
  return needed.filter((port) => !open.has(port)).map((port) => `${workload.name} may not reach any port ${port}`);
}

function concerns({ spec }: Policy, { labels }: Workload): boolean {
  return matches(spec?.podSelector ?? {}, labels);
}
