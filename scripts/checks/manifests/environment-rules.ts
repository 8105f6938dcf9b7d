// Rules of configuration: each container's environment is one that what it runs would start with, secrets as files.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError, describeEnvironment, loadEnvironment } from '@app/platform/configuration';
import type { IContainer, IPodSpec } from 'kubernetes-models/v1';
import { Environment } from '../../../apps/entitlement/src/environment.js';
import { Environment as EmulatorEnvironment } from '../../../apps/expressplay-emulator/src/environment.js';
import { answerTimeoutMs } from '../../../apps/entitlement/src/deadlines.js';
import { DatabaseEnvironment } from '../../../apps/entitlement/src/environment/database.js';
import { SeedEnvironment } from '../../support/seed-environment.js';
import type { KubernetesObject } from './kustomize.js';
import { isOurs } from './pod-rules.js';
import { containersOf, workloadsOf, type Workload } from './workloads.js';

type EnvironmentClass = new () => object;

/** Which variables a file of `dist` reads. */
const ENVIRONMENTS: Readonly<Record<string, EnvironmentClass>> = {
  'dist/apps/entitlement/src/main.js': Environment,
  'dist/apps/expressplay-emulator/src/main.js': EmulatorEnvironment,
  'dist/scripts/db-migrate.js': DatabaseEnvironment,
  'dist/scripts/db-roles.js': DatabaseEnvironment,
  'dist/scripts/ledger-maintain.js': DatabaseEnvironment,
  'dist/scripts/db-seed.js': SeedEnvironment,
  // None of its own.
  'dist/scripts/demo-keys.js': Object,
};

/** Stand-ins for secrets that are not in the repository, by variable. */
const samplesFor = ({ EXPRESSPLAY_ENVIRONMENT: environment = 'test' }: Variables): Variables => ({
  DATABASE_URL: 'postgresql://service@db.example.com:5432/entitlement',
  EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `${environment}:1,${'0'.repeat(32)}`,
  CONTENT_KEY_KEKS: `sample=${'0'.repeat(32)}`,
});

/** What a pod's end may take beyond what the service knows of: signals, sockets, the last log lines. */
const MARGIN_SECONDS = 5;

/** Variables by name, as a container would see them. */
type Variables = Record<string, string>;

/** What is wrong with the environments of all containers that run this project's image. */
export function environmentFindings(objects: readonly KubernetesObject[]): string[] {
  return workloadsOf(objects).flatMap((workload) =>
    containersOf(workload.pod)
      .filter(({ image = '' }) => isOurs(image))
      .flatMap((container) => findingsOf(objects, workload, container))
      .map((finding) => `${workload.name}: ${finding}`),
  );
}

function findingsOf(objects: readonly KubernetesObject[], { pod }: Workload, container: IContainer): string[] {
  const { name, command = [], env = [], envFrom = [] } = container;
  const type = ENVIRONMENTS[command[1] ?? ''];
  if (type === undefined) return [`it is not known what ${command.join(' ')} reads`];
  const described = describeEnvironment(type);
  const known = new Set(described.flatMap(({ name: variable, fileVariable = variable }) => [variable, fileVariable]));
  const secrets = new Set(described.filter(({ secret }) => secret).map(({ name: variable }) => variable));
  const variables = variablesOf(objects, container);
  return [
    ...Object.keys(variables)
      .filter((variable) => !known.has(variable))
      .map((variable) => `${name} does not read ${variable}`),
    ...Object.keys(variables)
      .filter((variable) => secrets.has(variable))
      .map((variable) => `${variable} is a secret and belongs in a file`),
    ...[
      ...env.filter(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined),
      ...envFrom.filter((from) => from.secretRef),
    ].map(() => `${name} has a secret in its environment`),
    ...unmounted(pod, container, variables),
    ...(type === Environment ? serviceFindings(pod, container, variables) : problems(type, variables).findings),
  ];
}

/** The container's variables; those of a ConfigMap first. */
function variablesOf(objects: readonly KubernetesObject[], { env = [], envFrom = [] }: IContainer): Variables {
  const maps = envFrom.map(({ configMapRef }) =>
    objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef?.name),
  );
  return Object.assign(
    {},
    ...maps.map((map) => map?.data ?? {}),
    Object.fromEntries(env.map(({ name, value = '' }) => [name, value])),
  ) as Variables;
}

/** A `_FILE` that names a file outside of every mounted volume names nothing. */
function unmounted(pod: IPodSpec, { volumeMounts = [] }: IContainer, variables: Variables): string[] {
  const mounted = (path: string): boolean =>
    volumeMounts.some(
      ({ mountPath, subPath, name }) =>
        path.startsWith(`${mountPath}/`) &&
        subPath === undefined &&
        (pod.volumes ?? []).some((volume) => volume.name === name),
    );
  return Object.entries(variables)
    .filter(([variable, path]) => variable.endsWith('_FILE') && !mounted(path))
    .map(([variable, path]) => `${variable} names ${path}, which no volume holds`);
}

/** The service would start, and what it says of times is in step with what the pod says. */
function serviceFindings(pod: IPodSpec, { readinessProbe }: IContainer, variables: Variables): string[] {
  const { environment, findings } = problems(Environment, variables);
  if (environment === undefined) return findings;
  const drain = environment.SHUTDOWN_DRAIN_SECONDS;
  const longest = answerTimeoutMs(environment) / 1000;
  const needed = drain + longest + MARGIN_SECONDS;
  const grace = pod.terminationGracePeriodSeconds ?? 30;
  const patience = (readinessProbe?.timeoutSeconds ?? 1) * 1000;
  return [
    ...(grace >= needed
      ? []
      : [
          `terminationGracePeriodSeconds is ${grace}, and draining (${drain} s), the longest request (${longest} s) and a margin need ${needed}`,
        ]),
    ...(patience > environment.DATABASE_TIMEOUT_MS
      ? []
      : ['readinessProbe gives up before the service has heard from Postgres (DATABASE_TIMEOUT_MS)']),
    ...(environment.HOST === '127.0.0.1' || environment.MANAGEMENT_HOST === '127.0.0.1'
      ? ['HOST and MANAGEMENT_HOST have to be addresses that other pods reach']
      : []),
  ];
}

/** Loads the environment as the process would, with files in the places of mounted ones. */
function problems<T extends object>(type: new () => T, variables: Variables): { environment?: T; findings: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'manifest-secrets-'));
  const samples = samplesFor(variables);
  try {
    const files = Object.keys(variables)
      .filter((variable) => variable.endsWith('_FILE'))
      .map((variable) => {
        const path = join(folder, variable);
        const sample = samples[variable.replace(/_FILE$/, '')];
        if (sample !== undefined) writeFileSync(path, sample);
        return [variable, path] as const;
      });
    return { environment: loadEnvironment(type, { ...variables, ...Object.fromEntries(files) }), findings: [] };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { findings: error.problems.map(({ variable, problem }) => `${variable} ${problem}`) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
