// Whether the environment is what the service takes; all that is wrong with it, at once.
import { type ConfigurationProblem, describeEnvironment, loadEnvironment } from '@app/platform/configuration';
import { Session } from '@app/platform/database';
import { currentDatabaseUrl } from '../../environment/database.js';
import { Environment } from '../../environment.js';
import { failed, type Finding, ok, warning } from './check.js';

/** Not a check like the others: it looks at what the others are given. */
export function configurationFindings({ problems, environment }: LenientEnvironment): Finding[] {
  if (problems.length > 0) {
    return problems.map(({ variable, problem }) =>
      failed(variable, problem, `Set ${variable} as docs/configuration.md says.`),
    );
  }
  const { EXPRESSPLAY_ENVIRONMENT: expressPlay, NODE_ENV: kind } = environment;
  const found = `complete and well-formed (NODE_ENV ${kind}, ExpressPlay's ${expressPlay})`;
  return [ok('environment variables', found), ...(expressPlay === 'production' ? postgresTls(environment) : [])];
}

function postgresTls(environment: Environment): Finding[] {
  const url = currentDatabaseUrl(environment);
  const { host, ssl } = new Session({ url });
  const isLocal = /^(localhost$|127\.|::1$|\/)/.test(host);
  if (ssl || isLocal || new URL(url).searchParams.has('sslmode')) return [];
  const advice = 'Set PGSSLMODE=verify-full; PGSSLMODE=disable says that none is wanted.';
  return [warning('PGSSLMODE', 'is not set: the connection to Postgres has no TLS', advice)];
}

export interface LenientEnvironment {
  /** Variables with problems have their default here, or undefined. */
  environment: Environment;
  problems: readonly ConfigurationProblem[];
  wrong: ReadonlySet<string>;
}

/** The settings as far as they can be loaded. */
export function lenientEnvironment(env: Parameters<typeof loadEnvironment>[1]): LenientEnvironment {
  const listener = () => undefined;
  let problems: readonly ConfigurationProblem[] = [];
  const onProblems = (found: readonly ConfigurationProblem[]) => void (problems = found);
  const whole = loadEnvironment(Environment, env, { listener, onProblems });
  if (problems.length === 0) return { environment: whole, problems, wrong: new Set() };
  // `NAME_FILE` may be at fault for `NAME`.
  const wrong = new Set(
    problems.map(({ variable }) => (NAMES.has(variable) ? variable : variable.replace(/_FILE$/, ''))),
  );
  const unset = Object.fromEntries([...wrong].flatMap((name) => [[name], [`${name}_FILE`]]));
  const rest = loadEnvironment(Environment, { ...env, ...unset }, { listener, onProblems: () => undefined });
  return { environment: rest, problems, wrong };
}

const NAMES = new Set(describeEnvironment(Environment).map(({ name }) => name));
