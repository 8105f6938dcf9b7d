// Whether the environment is what the service takes; all that is wrong with it, at once.
import { Session } from '@app/platform/database';
import { currentDatabaseUrl } from '../../environment/database.js';
import type { Environment } from '../../environment.js';
import { failed, ok, warning, type Finding } from './check.js';
import type { LenientEnvironment } from './lenient-environment.js';

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
