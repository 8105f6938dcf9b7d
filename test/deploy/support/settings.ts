// Holds each container's environment to what it runs: the process would start with it, and secrets come as files.
import { existsSync } from 'node:fs';
import { ConfigurationError, describeEnvironment, loadEnvironment } from '@app/platform/configuration';
import type { IContainer, IPodSpec } from 'kubernetes-models/v1';
import { answerTimeoutMs } from '../../../apps/entitlement/src/deadlines.js';
import { Environment } from '../../../apps/entitlement/src/environment.js';
import { DatabaseEnvironment } from '../../../apps/entitlement/src/environment/database.js';
import { Environment as EmulatorEnvironment } from '../../../apps/expressplay-emulator/src/environment.js';
import { SeedEnvironment } from '../../../scripts/support/environment.js';
import { isOurs, type Rendering } from './manifests.js';

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
export function settingsFindings({ objects, workloads }: Rendering): string[] {
  return workloads.flatMap(({ name, pod, containers }) =>
    containers.filter(isOurs).flatMap((container) => {
      const maps = (container.envFrom ?? []).map(({ configMapRef }) =>
        objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef?.name),
      );
      const own = (container.env ?? []).map(({ name: variable, value = '' }) => [variable, value] as const);
      const variables = Object.assign({}, ...maps.map((map) => map?.data), Object.fromEntries(own)) as Variables;
      return findingsOf(variables, pod, container).map((finding) => `${name}, ${container.name}: ${finding}`);
    }),
  );
}

function findingsOf(variables: Variables, pod: IPodSpec, container: IContainer): string[] {
  const { command = [], env = [], envFrom = [], volumeMounts = [] } = container;
  const [program, file = ''] = command;
  const type = ENVIRONMENTS[file];
  if (program !== 'node' || type === undefined || !existsSync(file.replace(/^dist\/(.*)js$/, '$1ts')))
    return [`it is not known what ${command.join(' ')} reads`];
  const described = describeEnvironment(type);
  const known = described.flatMap(({ name, fileVariable = name }) => [name, fileVariable]);
  const secrets = described.filter(({ secret }) => secret).map(({ name }) => name);
  // One that is mounted by itself is never swapped.
  const folders = volumeMounts.filter(({ subPath }) => subPath === undefined).map(({ mountPath }) => `${mountPath}/`);
  return [
    ...Object.entries(variables).flatMap(([name, value]) => [
      ...(known.includes(name) ? [] : [`nothing reads ${name}`]),
      ...(secrets.includes(name) ? [`${name} is a secret and belongs in a file`] : []),
      ...(name.endsWith('_FILE') && !folders.some((folder) => value.startsWith(folder))
        ? [`${name} names ${value}, which no volume holds`]
        : []),
    ]),
    ...(env.some(({ valueFrom }) => valueFrom?.secretKeyRef) || envFrom.some(({ secretRef }) => secretRef)
      ? ['a secret is in the environment']
      : []),
    ...startFindings(type, variables, pod, container),
  ];
}

/** What the process would say at its start, with sample secrets; and whether the pod gives it the time that it may take. */
function startFindings(type: new () => object, variables: Variables, pod: IPodSpec, container: IContainer): string[] {
  const samples: Variables = {
    DATABASE_URL: 'postgresql://service@db.example.com:5432/entitlement',
    EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `${variables.EXPRESSPLAY_ENVIRONMENT ?? 'test'}:1,${'0'.repeat(32)}`,
    CONTENT_KEY_KEKS: `sample=${'0'.repeat(32)}`,
  };
  const withSamples = Object.entries(variables).map(([name, value]) => {
    const [secret] = name.split(/_FILE$/);
    return samples[secret ?? ''] === undefined ? [name, value] : [secret, samples[secret ?? '']];
  });
  try {
    const environment = loadEnvironment(type, Object.fromEntries(withSamples) as Variables);
    return environment instanceof Environment ? timeFindings(environment, pod, container) : [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(({ variable, problem }) => `${variable} ${problem}`);
  }
}

function timeFindings(environment: Environment, pod: IPodSpec, { readinessProbe }: IContainer): string[] {
  const needed = environment.SHUTDOWN_DRAIN_SECONDS + answerTimeoutMs(environment) / 1000 + MARGIN_SECONDS;
  return [
    ...((pod.terminationGracePeriodSeconds ?? 30) >= needed
      ? []
      : [`terminationGracePeriodSeconds is below ${needed}: draining, the longest request and a margin`]),
    ...((readinessProbe?.timeoutSeconds ?? 1) * 1000 > environment.DATABASE_TIMEOUT_MS
      ? []
      : ['readinessProbe gives up before the service has heard from Postgres (DATABASE_TIMEOUT_MS)']),
    ...([environment.HOST, environment.MANAGEMENT_HOST].includes('127.0.0.1')
      ? ['HOST and MANAGEMENT_HOST have to be addresses that other pods reach']
      : []),
  ];
}
