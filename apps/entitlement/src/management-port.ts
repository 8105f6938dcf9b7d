// Whether management has a port of its own, and which.
import type { ConfigurationProblem } from '@app/platform/configuration';
import type { ListenOptions } from '@app/platform/http';
import type { HttpEnvironment } from './environment/http.js';

/** The management port of a production service that says nothing else. */
const DEFAULT_PORT = 3001;

type Settings = Pick<HttpEnvironment, 'MANAGEMENT_PORT' | 'MANAGEMENT_HOST'> & { NODE_ENV: string; PORT: number };

/** Where to listen for management; undefined when it shares the public port. */
export function managementPort({
  NODE_ENV: kind,
  PORT: publicPort,
  MANAGEMENT_PORT: chosen,
  MANAGEMENT_HOST: host,
}: Settings): ListenOptions | undefined {
  const port = chosen ?? (kind === 'production' ? DEFAULT_PORT : publicPort);
  // Of two free ports each is another one.
  const shared = port === publicPort && !(port === 0 && chosen === 0);
  return shared ? undefined : { host, port, portVariable: 'MANAGEMENT_PORT' };
}

/** The rule of `Environment` that keeps management off the public port unless that is what somebody wrote. */
export function sharedPortInProduction(settings: Partial<Settings>): ConfigurationProblem[] {
  const unsaid = settings.NODE_ENV === 'production' && settings.MANAGEMENT_PORT === undefined;
  if (!unsaid || settings.PORT !== DEFAULT_PORT) return [];
  return [{ variable: 'MANAGEMENT_PORT', problem: `must be set when PORT is ${DEFAULT_PORT}, which is its default` }];
}
