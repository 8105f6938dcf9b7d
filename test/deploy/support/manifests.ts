// What `kubectl kustomize` makes of the folders under deploy/kubernetes: no cluster is asked.
import { execFileSync } from 'node:child_process';
import type { IPodTemplateSpec, IContainer, IPodSpec } from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';

const OVERLAYS = 'deploy/kubernetes/overlays';

/** What is applied, by what it is called in messages. */
const FOLDERS: Readonly<Record<string, string>> = {
  local: `${OVERLAYS}/local`,
  staging: `${OVERLAYS}/staging`,
  'staging/migrate': `${OVERLAYS}/staging/migrate`,
  production: `${OVERLAYS}/production`,
  'production/migrate': `${OVERLAYS}/production/migrate`,
  'production with everything': 'test/deploy/everything',
};

/** One object as Kubernetes takes it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Labels };
  data?: Record<string, string>;
  [field: string]: unknown;
}

/** A Deployment, StatefulSet, Job or CronJob. */
export interface Workload {
  /** `Deployment entitlement`, for messages. */
  name: string;
  /** Whether it runs until somebody ends it. */
  serves: boolean;
  labels: Labels;
  pod: IPodSpec;
  /** Those that run before the others included. */
  containers: IContainer[];
}

/** What is applied at once. */
export interface Rendering {
  name: string;
  objects: readonly KubernetesObject[];
  workloads: readonly Workload[];
}

type Labels = Readonly<Record<string, string>>;

/** Every overlay, what is applied before it, and one with all components. */
export function renderings(): Rendering[] {
  return Object.entries(FOLDERS).map(([name, folder]) => {
    const objects = render(folder);
    return { name, objects, workloads: objects.flatMap(workloadOf) };
  });
}

/** All objects of a folder with a kustomization. @throws Error with kubectl's words when it cannot be built */
export function render(folder: string): KubernetesObject[] {
  const text = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  // Kubernetes reads YAML 1.1, where 0440 is an octal number.
  return parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as KubernetesObject);
}

/** `Deployment entitlement`, for messages. */
export function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`;
}

/** The objects of a kind, typed. */
export function ofKind<T>(objects: readonly KubernetesObject[], kind: string): (KubernetesObject & T)[] {
  return objects.filter((object) => object.kind === kind) as (KubernetesObject & T)[];
}

/** Whether a container runs the image that this project builds. */
export function isOurs({ image = '' }: IContainer): boolean {
  return /(?:^|\/)expressplay-entitlement-bff(?:[:@]|$)/.test(image);
}

/** Whether labels meet a selector; an empty one is met by all. */
export function matches({ matchLabels = {} }: { matchLabels?: Labels } = {}, labels: Labels = {}): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
}

/** The number of a port that is given by its name or its number; undefined when no container has it. */
export function portOf({ containers }: Workload, port: string | number | undefined): number | undefined {
  return containers
    .flatMap(({ ports = [] }) => ports)
    .find(({ name, containerPort }) => name === port || containerPort === port)?.containerPort;
}

function workloadOf(object: KubernetesObject): Workload[] {
  const { template, jobTemplate } = (object.spec ?? {}) as {
    template?: IPodTemplateSpec;
    jobTemplate?: { spec?: { template?: IPodTemplateSpec } };
  };
  const { metadata, spec: pod } = template ?? jobTemplate?.spec?.template ?? {};
  if (pod === undefined) return [];
  const serves = object.kind === 'Deployment' || object.kind === 'StatefulSet';
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  return [{ name: nameOf(object), serves, labels: metadata?.labels ?? {}, pod, containers }];
}
