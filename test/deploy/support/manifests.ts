// What `kubectl kustomize` makes of the folders under deploy/kubernetes: no cluster is asked.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { IPodTemplateSpec, IContainer, IPodSpec } from 'kubernetes-models/v1';
import { parseAllDocuments, stringify } from 'yaml';

const KUBERNETES = 'deploy/kubernetes';

/** Samples for those who keep their secrets that way; applied by themselves. */
export const EXTERNAL_SECRETS = `${KUBERNETES}/external-secrets`;

/** Components that have nothing to change in an overlay. */
const NOT_FOR: Readonly<Record<string, readonly string[]>> = { local: ['autoscaling-in-flight'] };

/** One object as Kubernetes takes it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Labels };
  [field: string]: unknown;
}

/** An overlay, with some components added to it, as somebody may apply it. */
export interface Rendering {
  /** `production`, `production/migrate`, `production + http-route + monitoring`. */
  name: string;
  objects: KubernetesObject[];
}

/** A Deployment, StatefulSet, Job or CronJob. */
export interface Workload {
  /** `Deployment entitlement`, for messages. */
  name: string;
  /** Whether it runs until somebody ends it. */
  serves: boolean;
  labels: Labels;
  pod: IPodSpec;
}

type Labels = Readonly<Record<string, string>>;

/** All objects of a folder with a kustomization. @throws Error with kubectl's words when it cannot be built */
export function render(folder: string): KubernetesObject[] {
  return parseObjects(
    execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
  );
}

/** Every overlay alone, with all components that it does not have, and what is applied before it. */
export function renderings(): Rendering[] {
  const components = foldersOf(join(KUBERNETES, 'components'));
  return foldersOf(join(KUBERNETES, 'overlays')).flatMap((overlay) => {
    const folder = join(KUBERNETES, 'overlays', overlay);
    const present = readFileSync(join(folder, 'kustomization.yaml'), 'utf8');
    const added = components.filter(
      (component) =>
        !new RegExp(`^ *- .*/components/${component}$`, 'm').test(present) && !NOT_FOR[overlay]?.includes(component),
    );
    return [
      { name: overlay, objects: render(folder) },
      { name: [overlay, ...added].join(' + '), objects: renderWith(folder, added) },
      ...(existsSync(join(folder, 'migrate'))
        ? [{ name: `${overlay}/migrate`, objects: render(join(folder, 'migrate')) }]
        : []),
    ];
  });
}

/** `Deployment entitlement`, for messages. */
export function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`;
}

/** The objects of a kind, typed. */
export function ofKind<T>(objects: readonly KubernetesObject[], kind: string): (KubernetesObject & T)[] {
  return objects.filter((object) => object.kind === kind) as (KubernetesObject & T)[];
}

/** The workloads of a set of objects. */
export function workloadsOf(objects: readonly KubernetesObject[]): Workload[] {
  return objects.flatMap((object) => {
    const { template, jobTemplate } = (object.spec ?? {}) as {
      template?: IPodTemplateSpec;
      jobTemplate?: { spec?: { template?: IPodTemplateSpec } };
    };
    const { metadata, spec: pod } = template ?? jobTemplate?.spec?.template ?? {};
    if (pod?.containers === undefined) return [];
    const serves = object.kind === 'Deployment' || object.kind === 'StatefulSet';
    return [{ name: nameOf(object), serves, labels: metadata?.labels ?? {}, pod }];
  });
}

/** All containers of a pod, those that run before the others included. */
export function containersOf({ initContainers = [], containers }: IPodSpec): IContainer[] {
  return [...initContainers, ...containers];
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
export function portOf({ containers }: IPodSpec, port: string | number | undefined): number | undefined {
  return containers
    .flatMap(({ ports = [] }) => ports)
    .find(({ name, containerPort }) => name === port || containerPort === port)?.containerPort;
}

/** A YAML stream, read as Kubernetes reads it: as YAML 1.1, where 0440 is an octal number. */
function parseObjects(text: string): KubernetesObject[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document.toJS() as KubernetesObject;
  });
}

function renderWith(overlay: string, components: readonly string[]): KubernetesObject[] {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'manifests-'));
  // Files have to lie under their kustomization; other kustomizations may lie anywhere, by a relative path.
  const from = (path: string): string => relative(folder, realpathSync(path));
  const [namespace] = parseObjects(readFileSync(join(overlay, 'namespace.yaml'), 'utf8'));
  try {
    writeFileSync(
      join(folder, 'kustomization.yaml'),
      stringify({
        apiVersion: 'kustomize.config.k8s.io/v1beta1',
        kind: 'Kustomization',
        namespace: namespace?.metadata.name,
        resources: [from(overlay)],
        components: components.map((component) => from(join(KUBERNETES, 'components', component))),
      }),
    );
    return render(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function foldersOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}
