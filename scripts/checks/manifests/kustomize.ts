// What `kubectl kustomize` makes of the folders under deploy/kubernetes: no cluster is asked.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';

/** The folder of base, components and overlays. */
export const KUBERNETES = 'deploy/kubernetes';

/** Samples for those who keep their secrets that way; applied by themselves. */
export const EXTERNAL_SECRETS = `${KUBERNETES}/external-secrets`;

/** Components that have nothing to change in an overlay. */
const NOT_FOR: Readonly<Record<string, readonly string[]>> = { local: ['autoscaling-in-flight'] };

/** One object as Kubernetes takes it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [field: string]: unknown;
}

/** An overlay, with some components added to it, as somebody may apply it. */
export interface Rendering {
  /** `production`, `production/migrate`, `production + monitoring`. */
  name: string;
  objects: KubernetesObject[];
}

/** All objects of a folder with a kustomization. @throws Error with kubectl's words when it cannot be built */
export function render(folder: string): KubernetesObject[] {
  const text = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return parseObjects(text);
}

/** The objects of a YAML stream, read as Kubernetes reads it: as YAML 1.1, where 0440 is a number of eights. */
export function parseObjects(text: string): KubernetesObject[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document.toJS() as KubernetesObject;
  });
}

/**
 * Every overlay by itself, with each component that it does not have, and with all of them; and what an overlay applies
 * before the rest.
 */
export function renderings(): Rendering[] {
  const components = foldersOf(join(KUBERNETES, 'components'));
  return foldersOf(join(KUBERNETES, 'overlays')).flatMap((overlay) => {
    const folder = join(KUBERNETES, 'overlays', overlay);
    const missing = components.filter(
      (component) => !includes(folder, component) && !NOT_FOR[overlay]?.includes(component),
    );
    const additions = [...missing.map((component) => [component]), ...(missing.length > 1 ? [missing] : [])];
    const before = existsSync(join(folder, 'migrate'))
      ? [{ name: `${overlay}/migrate`, objects: render(join(folder, 'migrate')) }]
      : [];
    return [
      { name: overlay, objects: render(folder) },
      ...before,
      ...additions.map((added) => ({ name: [overlay, ...added].join(' + '), objects: renderWith(folder, added) })),
    ];
  });
}

function renderWith(overlay: string, components: readonly string[]): KubernetesObject[] {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'manifests-'));
  // Files have to lie under their kustomization; other kustomizations may lie anywhere, by a relative path.
  const from = (path: string): string => relative(folder, realpathSync(path));
  try {
    writeFileSync(
      join(folder, 'kustomization.yaml'),
      stringify({
        apiVersion: 'kustomize.config.k8s.io/v1beta1',
        kind: 'Kustomization',
        namespace: namespaceOf(overlay),
        resources: [from(overlay)],
        components: components.map((component) => from(join(KUBERNETES, 'components', component))),
      }),
    );
    return render(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function namespaceOf(overlay: string): string {
  return parseObjects(readFileSync(join(overlay, 'namespace.yaml'), 'utf8'))[0]?.metadata.name ?? '';
}

function includes(overlay: string, component: string): boolean {
  const { components = [] } = parse(readFileSync(join(overlay, 'kustomization.yaml'), 'utf8')) as {
    components?: string[];
  };
  return components.some((path) => path.endsWith(`/components/${component}`));
}

function foldersOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}
