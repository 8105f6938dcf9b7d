// Whether the environment is what the service takes; all that is wrong with it, at once.
import { failed, ok, type Finding } from './check.js';
import type { LenientEnvironment } from './lenient-environment.js';

/** Not a check like the others: it looks at what the others are given. */
export function configurationFindings({ problems, environment }: LenientEnvironment): Finding[] {
  if (problems.length === 0 && environment !== undefined) {
    const { EXPRESSPLAY_ENVIRONMENT: expressPlay, NODE_ENV: kind } = environment;
    return [ok('environment variables', `complete and well-formed (NODE_ENV ${kind}, ExpressPlay's ${expressPlay})`)];
  }
  return problems.map(({ variable, problem }) =>
    failed(variable, problem, `Set ${variable} as docs/configuration.md says.`),
  );
}
