// Whether the kubectl commands of a page fit the manifests under deploy/kubernetes, told without a cluster.
import { parseAllDocuments } from 'yaml';
import { sortArguments } from './pages-commands.js';
import type { Repository } from './pages-repository.js';

/** A rendered manifest, as far as commands refer to it. */
export interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string };
  spec?: {
    ports?: { port: number }[];
    template?: { spec?: { containers?: { name: string }[] } };
  };
}

/** What `kubectl kustomize <folder>` prints. */
export type Render = (folder: string) => string;

const WITH_VALUE = [
  '-n',
  '--namespace',
  '-k',
  '-c',
  '--container',
  '--for',
  '--timeout',
  '--from',
  '--replicas',
  '-o',
  '-l',
];
const KINDS: Record<string, string> = {
  deployment: 'Deployment',
  deploy: 'Deployment',
  job: 'Job',
  cronjob: 'CronJob',
  service: 'Service',
  svc: 'Service',
  secret: 'Secret',
  configmap: 'ConfigMap',
  hpa: 'HorizontalPodAutoscaler',
};
const OVERLAYS = /^(deploy\/kubernetes\/overlays\/[^/]+)\/kustomization\.yaml$/;

/** The manifests of all overlays, and of every folder below an overlay that is rendered by itself. */
export function manifestsOf(repository: Repository, render: Render): Manifest[] {
  const folders = repository.files
    .filter((file) => OVERLAYS.test(file) || /^deploy\/kubernetes\/overlays\/.+\/kustomization\.yaml$/.test(file))
    .map((file) => file.replace(/\/kustomization\.yaml$/, ''));
  return folders.flatMap((folder) =>
    parseAllDocuments(render(folder))
      .map((document) => document.toJS() as Manifest | null)
      .filter((manifest) => manifest !== null),
  );
}

/** What is wrong with `kubectl <args>`, a line each. */
export function findingsOfKubectl(
  args: readonly string[],
  repository: Repository,
  manifests: readonly Manifest[],
): string[] {
  const { words, options, rest } = sortArguments(args, WITH_VALUE);
  const namespace = options.get('-n')?.[0] ?? options.get('--namespace')?.[0];
  const [verb = '', ...targets] = words;
  const isThere = (target: string | undefined) => findTarget(target, namespace, manifests);

  if (options.has('-k')) {
    if (!['apply', 'delete', 'diff'].includes(verb)) return [`nobody can tell whether kubectl ${verb} -k is right`];
    const [folder = ''] = options.get('-k') ?? [];
    const file = `${folder.replace(/\/$/, '')}/kustomization.yaml`;
    return repository.files.includes(file) ? [] : [`there is no ${file}`];
  }
  switch (verb) {
    case 'kustomize':
      return repository.files.includes(`${targets[0]}/kustomization.yaml`) ? [] : [`${targets[0]} renders nothing`];
    case 'rollout': {
      const [action = '', target] = targets;
      if (!['status', 'restart', 'undo', 'history'].includes(action)) return [`kubectl rollout ${action}?`];
      return isThere(target).findings;
    }
    case 'wait':
      return options.has('--for') ? isThere(targets[0]).findings : ['kubectl wait waits for nothing'];
    case 'logs':
    case 'delete':
    case 'scale':
    case 'describe':
      return isThere(targets[0]).findings;
    case 'get':
      return targets[0]?.includes('/') === true
        ? isThere(targets[0]).findings
        : namespaceFindings(namespace, manifests);
    case 'exec': {
      const { manifest, findings } = isThere(targets[0]);
      const containers = manifest?.spec?.template?.spec?.containers?.map(({ name }) => name) ?? [];
      const unknown = [...(options.get('-c') ?? []), ...(options.get('--container') ?? [])]
        .filter((name) => manifest !== undefined && !containers.includes(name))
        .map((name) => `${targets[0]} has no container ${name}`);
      return [...findings, ...unknown, ...repository.findingsOfContainerCommand(rest)];
    }
    case 'port-forward': {
      const { manifest, findings } = isThere(targets[0]);
      const ports = manifest?.spec?.ports?.map(({ port }) => String(port));
      const asked = targets[1]?.split(':').at(-1) ?? '';
      return [...findings, ...(ports && !ports.includes(asked) ? [`${targets[0]} has no port ${asked}`] : [])];
    }
    case 'create':
      if (targets[0] === 'job') return isThere(options.get('--from')?.[0]).findings;
      return targets[0] === 'secret' || targets[0] === 'namespace' ? [] : [`kubectl create ${targets[0]}?`];
    default:
      return [`nobody can tell whether kubectl ${verb} is right`];
  }
}

function findTarget(
  target: string | undefined,
  namespace: string | undefined,
  manifests: readonly Manifest[],
): { manifest?: Manifest; findings: string[] } {
  const [kind = '', name = ''] = (target ?? '').split('/');
  const wanted = KINDS[kind.toLowerCase()];
  if (wanted === undefined || name === '') return { findings: [`${target}: write it as kind/name`] };
  const manifest = manifests.find(
    (one) => one.kind === wanted && one.metadata.name === name && one.metadata.namespace === namespace,
  );
  if (manifest !== undefined) return { manifest, findings: [] };
  return { findings: [`no manifest has ${wanted} ${name} in the namespace ${namespace ?? 'default'}`] };
}

function namespaceFindings(namespace: string | undefined, manifests: readonly Manifest[]): string[] {
  return manifests.some(({ metadata }) => metadata.namespace === namespace) ? [] : [`no namespace ${namespace}`];
}
