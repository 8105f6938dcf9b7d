// Rules between objects: what one names, another one is.
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { IIngress } from 'kubernetes-models/networking.k8s.io/v1';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { IService } from 'kubernetes-models/v1';
import type { KubernetesObject } from './kustomize.js';
import { nameOf } from './schema.js';
import { containersOf, matches, ofKind, portOf, workloadsOf, type LabelSelector } from './workloads.js';

/** Objects that somebody makes outside of this repository; docs/deployment.md lists them. */
export const MADE_ELSEWHERE: ReadonlySet<string> = new Set([
  'Secret entitlement',
  'Secret entitlement-migrate',
  'Secret entitlement-tls',
]);

/** Kinds that are in no namespace. */
const CLUSTER_WIDE = new Set(['Namespace']);

/** Every name that an object gives leads to another object, and every selector finds something. */
export function danglingReferences(objects: readonly KubernetesObject[]): string[] {
  return [
    ...referencesOfPods(objects),
    ...selectorsOfWorkloads(objects),
    ...services(objects),
    ...ingresses(objects),
    ...disruptionBudgets(objects),
    ...autoscalers(objects),
    ...serviceMonitors(objects),
  ];
}

/** All objects are in one namespace, and where the namespace itself is made it takes restricted pods alone. */
export function namespaceFindings(objects: readonly KubernetesObject[]): string[] {
  const namespaces = new Set(
    objects.filter(({ kind }) => !CLUSTER_WIDE.has(kind)).map(({ metadata }) => metadata.namespace ?? 'none'),
  );
  return [
    ...(namespaces.size === 1 && !namespaces.has('none') ? [] : [`namespaces: ${[...namespaces].join(', ')}`]),
    ...ofKind(objects, 'Namespace').flatMap(({ metadata: { name, labels = {} } }) => [
      ...(namespaces.has(name) ? [] : [`Namespace ${name} is not the one that is used`]),
      ...(labels['pod-security.kubernetes.io/enforce'] === 'restricted'
        ? []
        : [`Namespace ${name} does not enforce restricted pods`]),
    ]),
  ];
}

function referencesOfPods(objects: readonly KubernetesObject[]): string[] {
  const there = new Set([...objects.map(nameOf), ...MADE_ELSEWHERE]);
  return workloadsOf(objects).flatMap(({ name, object, pod }) => {
    const volumes = new Set([
      ...(pod.volumes ?? []).map((volume) => volume.name),
      ...(
        (object as { spec?: { volumeClaimTemplates?: { metadata: { name: string } }[] } }).spec?.volumeClaimTemplates ??
        []
      ).map(({ metadata }) => metadata.name),
    ]);
    const wanted = [
      ...(pod.serviceAccountName === undefined ? [] : [`ServiceAccount ${pod.serviceAccountName}`]),
      ...(pod.volumes ?? []).flatMap(({ secret, configMap }) => [
        ...(secret?.secretName === undefined ? [] : [`Secret ${secret.secretName}`]),
        ...(configMap?.name === undefined ? [] : [`ConfigMap ${configMap.name}`]),
      ]),
      ...containersOf(pod).flatMap(({ envFrom = [] }) =>
        envFrom.map(({ configMapRef }) => `ConfigMap ${configMapRef?.name ?? ''}`),
      ),
    ];
    return [
      ...wanted.filter((reference) => !there.has(reference)).map((reference) => `${name}: there is no ${reference}`),
      ...containersOf(pod).flatMap((container) =>
        (container.volumeMounts ?? [])
          .filter((mount) => !volumes.has(mount.name))
          .map((mount) => `${name}: ${container.name} mounts ${mount.name}, which is no volume`),
      ),
    ];
  });
}

function selectorsOfWorkloads(objects: readonly KubernetesObject[]): string[] {
  return workloadsOf(objects).flatMap(({ name, object, labels }) => {
    const { selector } = object.spec as { selector?: LabelSelector };
    return selector === undefined || matches(selector, labels) ? [] : [`${name} does not select its own pods`];
  });
}

function services(objects: readonly KubernetesObject[]): string[] {
  return ofKind<IService>(objects, 'Service').flatMap((service) => {
    const { selector, ports = [] } = service.spec ?? {};
    const found = workloadsOf(objects).filter(({ labels }) => matches({ matchLabels: selector }, labels));
    return [
      ...(found.length === 1 ? [] : [`${nameOf(service)} selects ${found.length} workloads`]),
      ...found.flatMap(({ name, pod }) =>
        ports
          .filter(({ targetPort, port }) => portOf(pod, targetPort ?? port) === undefined)
          .map(({ targetPort = '' }) => `${nameOf(service)}: ${name} has no port ${targetPort}`),
      ),
    ];
  });
}

function ingresses(objects: readonly KubernetesObject[]): string[] {
  const byName = new Map(ofKind<IService>(objects, 'Service').map((service) => [service.metadata.name, service]));
  return ofKind<IIngress>(objects, 'Ingress').flatMap((ingress) => {
    const { rules = [], tls = [] } = ingress.spec ?? {};
    const secured = new Set(tls.flatMap(({ hosts = [] }) => hosts));
    return rules.flatMap(({ host = '', http }) => [
      ...(secured.has(host) ? [] : [`${nameOf(ingress)}: ${host} has no certificate`]),
      ...(http?.paths ?? []).flatMap(({ backend: { service } }) => {
        const ports = byName.get(service?.name ?? '')?.spec?.ports ?? [];
        const there = ports.some(({ name }) => name === service?.port?.name);
        return there ? [] : [`${nameOf(ingress)}: no Service ${service?.name} with a port ${service?.port?.name}`];
      }),
    ]);
  });
}

function disruptionBudgets(objects: readonly KubernetesObject[]): string[] {
  return ofKind<IPodDisruptionBudget>(objects, 'PodDisruptionBudget').flatMap((budget) => {
    const selector = (budget.spec?.selector ?? {}) as LabelSelector;
    const found = workloadsOf(objects).filter(({ labels }) => matches(selector, labels));
    return found.length === 1 ? [] : [`${nameOf(budget)} selects ${found.length} workloads`];
  });
}

function autoscalers(objects: readonly KubernetesObject[]): string[] {
  return ofKind<IHorizontalPodAutoscaler>(objects, 'HorizontalPodAutoscaler').flatMap((autoscaler) => {
    const { scaleTargetRef, minReplicas = 1, maxReplicas = 1 } = autoscaler.spec ?? {};
    const target = objects.find((object) => nameOf(object) === `${scaleTargetRef?.kind} ${scaleTargetRef?.name}`);
    if (target === undefined) return [`${nameOf(autoscaler)}: there is no ${scaleTargetRef?.name}`];
    const replicas = (target as unknown as IDeployment).spec?.replicas;
    return [
      ...(replicas === undefined ? [] : [`${nameOf(target)} says replicas, which ${nameOf(autoscaler)} decides on`]),
      ...(minReplicas <= maxReplicas ? [] : [`${nameOf(autoscaler)} asks for more replicas than it allows`]),
    ];
  });
}

function serviceMonitors(objects: readonly KubernetesObject[]): string[] {
  return ofKind<IServiceMonitor>(objects, 'ServiceMonitor').flatMap((monitor) => {
    const found = ofKind<IService>(objects, 'Service').filter(({ metadata: { labels = {} } }) =>
      matches(monitor.spec.selector, labels),
    );
    const ports = new Set(found.flatMap(({ spec }) => spec?.ports ?? []).map(({ name }) => name));
    return [
      ...(found.length === 1 ? [] : [`${nameOf(monitor)} selects ${found.length} services`]),
      ...monitor.spec.endpoints
        .filter(({ port }) => !ports.has(port))
        .map(({ port }) => `${nameOf(monitor)}: no service has a port ${port}`),
    ];
  });
}
