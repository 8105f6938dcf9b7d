// Whether the environment is what the service takes; all that is wrong with it, at once.
import {
  ConfigurationError,
  type ConfigurationProblem,
  describeEnvironment,
  loadEnvironment,
} from '@app/platform/configuration';
import { Session } from '@app/platform/database';
import { currentDatabaseUrl } from '../../environment/database.js';
import { Environment } from '../../environment.js';
import { failed, type Finding, ok, warning } from './check.js';

/** Not a check like the others: it looks at what the others are given. */
export function configurationFindings({ problems, environment }: LenientEnvironment): Finding[] {
  if (problems.length === 0 && environment !== undefined) {
    const { EXPRESSPLAY_ENVIRONMENT: expressPlay, NODE_ENV: kind } = environment;
    const found = `complete and well-formed (NODE_ENV ${kind}, ExpressPlay's ${expressPlay})`;
    return [ok('environment variables', found), ...(expressPlay === 'production' ? postgresTls(environment) : [])];
  }
  return problems.map(({ variable, problem }) =>
    failed(variable, problem, `Set ${variable} as docs/configuration.md says.`),
  );
}

function postgresTls(environment: Environment): Finding[] {
  const url = currentDatabaseUrl(environment);
  const { host, ssl } = new Session({ url });
  const isLocal = /^(localhost$|127\.|::1$|\/)/.test(host);
  if (ssl || isLocal || new URL(url).searchParams.has('sslmode')) return [];
  const advice = 'Set PGSSLMODE=verify-full; PGSSLMODE=disable says that none is wanted.';
  return [warning('PGSSLMODE', 'is not set: the connection to Postgres has no TLS', advice)];
}

type Texts = Readonly<Record<string, string | undefined>>;

export interface LenientEnvironment {
  /** Undefined when not even the rest of it can be loaded. Variables with problems have values that mean nothing. */
  environment: Environment | undefined;
  problems: readonly ConfigurationProblem[];
  wrong: ReadonlySet<string>;
}

/** For required variables that are wrong. Checks that need such a variable are not run, so nothing is done with these. */
const STAND_INS: Texts = {
  DATABASE_URL: 'postgresql://stand-in.invalid/stand-in',
  EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: '0,00000000000000000000000000000000',
  CONTENT_KEY_KEKS: 'stand-in=00000000000000000000000000000000',
  AUTH_ISSUER: 'stand-in',
  AUTH_AUDIENCE: 'stand-in',
  AUTH_JWKS_URL: 'https://stand-in.invalid/jwks.json',
};
/** One rule adds these up: which of them is wrong nobody can tell, and all of them have defaults. */
const DEADLINES = ['EXPRESSPLAY_TIMEOUT_MS', 'DATABASE_TIMEOUT_MS'];
// A rule that concerns two variables may fail again once one of them has been left out.
const MOST_ATTEMPTS = 4;

export function lenientEnvironment(env: Texts): LenientEnvironment {
  const silent = { listener: () => undefined };
  let texts = env;
  let problems: readonly ConfigurationProblem[] = [];
  const wrong = new Set<string>();
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    try {
      return { environment: loadEnvironment(Environment, texts, silent), problems, wrong };
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      if (attempt === 0) ({ problems } = error);
      for (const problem of error.problems) wrong.add(variableOf(problem));
      texts = withStandIns(env, wrong);
    }
  }
  return { environment: undefined, problems, wrong };
}

/** `NAME_FILE` may be at fault for `NAME`. */
function variableOf({ variable }: ConfigurationProblem): string {
  return NAMES.has(variable) ? variable : variable.replace(/_FILE$/, '');
}

const NAMES = new Set(describeEnvironment(Environment).map(({ name }) => name));

function withStandIns(env: Texts, wrong: ReadonlySet<string>): Texts {
  const texts: Record<string, string | undefined> = { ...env };
  for (const name of wrong) {
    texts[name] = STAND_INS[name];
    texts[`${name}_FILE`] = undefined;
  }
  if (wrong.has('EXPRESSPLAY_TIMEOUT_MS')) for (const name of DEADLINES) texts[name] = undefined;
  return texts;
}
