// Holds each container's environment to what it runs: the process would start with it, and secrets come as files.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError, describeEnvironment, loadEnvironment } from '@app/platform/configuration';
import type { IContainer, IPodSpec } from 'kubernetes-models/v1';
import { answerTimeoutMs } from '../../../apps/entitlement/src/deadlines.js';
import { Environment } from '../../../apps/entitlement/src/environment.js';
import { DatabaseEnvironment } from '../../../apps/entitlement/src/environment/database.js';
import { Environment as EmulatorEnvironment } from '../../../apps/expressplay-emulator/src/environment.js';
import { SeedEnvironment } from '../../../scripts/support/environment.js';
import { containersOf, isOurs, workloadsOf, type KubernetesObject } from './manifests.js';

type Variables = Record<string, string>;

/** Which variables a file of `dist` reads. */
const ENVIRONMENTS: Readonly<Record<string, new () => object>> = {
  'dist/apps/entitlement/src/main.js': Environment,
  'dist/apps/expressplay-emulator/src/main.js': EmulatorEnvironment,
  'dist/scripts/db-migrate.js': DatabaseEnvironment,
  'dist/scripts/db-roles.js': DatabaseEnvironment,
  'dist/scripts/ledger-maintain.js': DatabaseEnvironment,
  'dist/scripts/db-seed.js': SeedEnvironment,
  // None of its own.
  'dist/scripts/demo-keys.js': Object,
};

/** What a pod's end may take beyond what the service knows of: signals, sockets, the last log lines. */
const MARGIN_SECONDS = 5;

/** What is wrong with the environments of all containers that run this project's image. */
export function settingsFindings(objects: readonly KubernetesObject[]): string[] {
  return workloadsOf(objects).flatMap(({ name, pod }) =>
    containersOf(pod)
      .filter(isOurs)
      .flatMap((container) => findingsOf(objects, pod, container).map((finding) => `${name}: ${finding}`)),
  );
}

function findingsOf(objects: readonly KubernetesObject[], pod: IPodSpec, container: IContainer): string[] {
  const { name, command = [], env = [], envFrom = [] } = container;
  const type = ENVIRONMENTS[command[1] ?? ''];
  if (type === undefined) return [`it is not known what ${command.join(' ')} reads`];
  const described = describeEnvironment(type);
  const known = described.flatMap(({ name: variable, fileVariable = variable }) => [variable, fileVariable]);
  const secrets = described.filter(({ secret }) => secret).map(({ name: variable }) => variable);
  const variables = variablesOf(objects, container);
  const { environment, problems } = load(type, variables);
  return [
    ...Object.keys(variables)
      .filter((variable) => !known.includes(variable))
      .map((variable) => `${name} does not read ${variable}`),
    ...Object.keys(variables)
      .filter((variable) => secrets.includes(variable))
      .map((variable) => `${variable} is a secret and belongs in a file`),
    ...(env.some(({ valueFrom }) => valueFrom?.secretKeyRef) || envFrom.some(({ secretRef }) => secretRef)
      ? [`${name} has a secret in its environment`]
      : []),
    ...unmounted(container, variables),
    ...problems,
    ...(environment instanceof Environment ? findingsOfTimes(environment, pod, container) : []),
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

/** A `_FILE` that names a file outside of every mounted folder; one mounted by itself is never swapped. */
function unmounted({ volumeMounts = [] }: IContainer, variables: Variables): string[] {
  const folders = volumeMounts.filter(({ subPath }) => subPath === undefined).map(({ mountPath }) => mountPath);
  return Object.entries(variables)
    .filter(([name, path]) => name.endsWith('_FILE') && !folders.some((folder) => path.startsWith(`${folder}/`)))
    .map(([name, path]) => `${name} names ${path}, which no volume holds`);
}

/** The environment as the process would read it, with sample files in the places of mounted ones. */
function load<T extends object>(type: new () => T, variables: Variables): { environment?: T; problems: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'manifest-secrets-'));
  const samples: Variables = {
    DATABASE_URL: 'postgresql://service@db.example.com:5432/entitlement',
    EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `${variables.EXPRESSPLAY_ENVIRONMENT ?? 'test'}:1,${'0'.repeat(32)}`,
    CONTENT_KEY_KEKS: `sample=${'0'.repeat(32)}`,
  };
  try {
    const files = Object.keys(variables)
      .filter((variable) => variable.endsWith('_FILE'))
      .map((variable) => {
        const path = join(folder, variable);
        const sample = samples[variable.replace(/_FILE$/, '')];
        if (sample !== undefined) writeFileSync(path, sample);
        return [variable, path] as const;
      });
    return { environment: loadEnvironment(type, { ...variables, ...Object.fromEntries(files) }), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { problems: error.problems.map(({ variable, problem }) => `${variable} ${problem}`) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the service says of times and addresses is in step with what its pod says. */
function findingsOfTimes(environment: Environment, pod: IPodSpec, { readinessProbe }: IContainer): string[] {
  const drain = environment.SHUTDOWN_DRAIN_SECONDS;
  const longest = answerTimeoutMs(environment) / 1000;
  const needed = drain + longest + MARGIN_SECONDS;
  const grace = pod.terminationGracePeriodSeconds ?? 30;
  return [
    ...(grace >= needed
      ? []
      : [
          `terminationGracePeriodSeconds is ${grace}, and draining (${drain} s), the longest request (${longest} s) and a margin need ${needed}`,
        ]),
    ...((readinessProbe?.timeoutSeconds ?? 1) * 1000 > environment.DATABASE_TIMEOUT_MS
      ? []
      : ['readinessProbe gives up before the service has heard from Postgres (DATABASE_TIMEOUT_MS)']),
    ...([environment.HOST, environment.MANAGEMENT_HOST].includes('127.0.0.1')
      ? ['HOST and MANAGEMENT_HOST have to be addresses that other pods reach']
      : []),
  ];
}
