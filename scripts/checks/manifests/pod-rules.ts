// Rules for every pod: what it may do, how much it may take, how it is watched, and what it runs.
import type { IContainer, IProbe } from 'kubernetes-models/v1';
import { quantity } from './quantity.js';
import { containersOf, portOf, type Workload } from './workloads.js';

/** Something that a workload lacks; none when all is well. */
type PodRule = (workload: Workload) => string[];

const PROBES = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const;
type ProbeKind = (typeof PROBES)[number];

/** What each probe asks, by the file that runs. Those that kill ask nothing that depends on the database. */
const HEALTH_PATHS: Readonly<Record<string, Readonly<Record<ProbeKind, string>>>> = {
  'dist/apps/entitlement/src/main.js': {
    startupProbe: '/health/live',
    livenessProbe: '/health/live',
    readinessProbe: '/health/ready',
  },
  'dist/apps/expressplay-emulator/src/main.js': {
    startupProbe: '/emulator/health',
    livenessProbe: '/emulator/health',
    readinessProbe: '/emulator/health',
  },
};

/** The restricted pod security standard, and more: a numbered user, a read-only root, no token of Kubernetes. */
export const restricted: PodRule = ({ pod }) => {
  const { securityContext: user } = pod;
  const findings = [
    ...demand('runAsNonRoot is true', user?.runAsNonRoot === true),
    ...demand('runAsUser is a number, and not 0', (user?.runAsUser ?? 0) > 0),
    ...demand('seccompProfile is RuntimeDefault', user?.seccompProfile?.type === 'RuntimeDefault'),
    ...demand('automountServiceAccountToken is false', pod.automountServiceAccountToken === false),
    ...demand('no part of the host', !pod.hostNetwork && !pod.hostPID && !pod.hostIPC),
    ...demand('no hostPath', !(pod.volumes ?? []).some(({ hostPath }) => hostPath !== undefined)),
  ];
  return [
    ...findings,
    ...eachContainer(pod, ({ securityContext: context, ports = [] }) => [
      ...demand('no privileges to gain', context?.allowPrivilegeEscalation === false && context.privileged !== true),
      ...demand('readOnlyRootFilesystem is true', context?.readOnlyRootFilesystem === true),
      ...demand('all capabilities dropped', context?.capabilities?.drop?.includes('ALL') === true),
      ...demand('no capability added', (context?.capabilities?.add ?? []).length === 0),
      ...demand('no user of its own', context?.runAsUser === undefined && context?.runAsNonRoot === undefined),
      ...demand(
        'no hostPort',
        ports.every(({ hostPort }) => hostPort === undefined),
      ),
    ]),
  ];
};

/** Every container says what it needs and what it may take at most. */
export const bounded: PodRule = ({ pod }) =>
  eachContainer(pod, ({ resources }) =>
    ['cpu', 'memory'].flatMap((resource) => {
      const [request, limit] = [resources?.requests?.[resource], resources?.limits?.[resource]];
      if (request === undefined || limit === undefined) return [`a request and a limit of ${resource}`];
      return demand(`no more ${resource} requested than the limit`, quantity(request) <= quantity(limit));
    }),
  );

/** What serves has all three probes, at the paths that are for them and ports that it has. */
export const probed: PodRule = ({ pod, serves }) =>
  serves
    ? eachContainer({ containers: pod.containers }, (container) =>
        PROBES.flatMap((kind) => {
          const probe = container[kind];
          if (probe === undefined) return [`a ${kind}`];
          return probeFindings(kind, probe, container).map((finding) => `${finding} (${kind})`);
        }),
      )
    : [];

/** What fails keeps its pod, and so its log: a pod that is restarted is removed when the job gives up. */
export const keepsLogs: PodRule = ({ pod, serves }) =>
  serves ? [] : demand('restartPolicy is Never', pod.restartPolicy === 'Never');

/** Commands are written out, and lead to a file of this project when they are Node's. */
export function runsExistingFiles(exists: (path: string) => boolean): PodRule {
  return ({ pod }) =>
    eachContainer(pod, ({ command, image = '' }) => {
      if (!isOurs(image)) return [];
      const [program, file = ''] = command ?? [];
      return demand(`a command that starts a file of dist with node`, program === 'node' && exists(file));
    });
}

/** All that this project builds is one image, in one version. */
export function oneImage(workloads: readonly Workload[]): string[] {
  const images = new Set(workloads.flatMap(({ pod }) => containersOf(pod).map(({ image = '' }) => image)));
  const unpinned = [...images].filter(
    (image) => !/(?::[\w.-]+|@sha256:[0-9a-f]{64})$/.test(image.replace(/^.*\//, '')),
  );
  const ours = [...images].filter(isOurs);
  return [
    ...unpinned.map((image) => `image ${image} has no version`),
    ...[...images].filter((image) => image.endsWith(':latest')).map((image) => `image ${image} is any version`),
    ...(ours.length > 1 ? [`there are several versions of this project's image: ${ours.join(', ')}`] : []),
  ];
}

/** Whether an image is the one that this project builds. */
export function isOurs(image: string): boolean {
  return /(?:^|\/)expressplay-entitlement-bff(?:[:@]|$)/.test(image);
}

function probeFindings(kind: ProbeKind, probe: IProbe, { command = [], ports = [] }: IContainer): string[] {
  if (probe.httpGet === undefined) return demand('a way to probe', probe.exec !== undefined);
  const { path = '/', port } = probe.httpGet;
  const wanted = HEALTH_PATHS[command[1] ?? '']?.[kind];
  return [
    ...demand(`the health path ${wanted}, not ${path}`, path === wanted),
    ...demand(`a port ${port}`, portOf({ containers: [{ name: '', ports }] }, port) !== undefined),
  ];
}

function eachContainer(pod: Parameters<typeof containersOf>[0], rule: (container: IContainer) => string[]): string[] {
  return containersOf(pod).flatMap((container) => rule(container).map((finding) => `${finding}, in ${container.name}`));
}

function demand(what: string, met: boolean): string[] {
  return met ? [] : [what];
}
