// The database a command works on: the service's own variables, by the same names, so that secrets can be files here too.
import 'reflect-metadata';
import { loadEnvironment } from '@app/platform/configuration';
import { DatabaseEnvironment } from '../../apps/entitlement/src/database-environment.js';
import { currentDatabaseUrl } from '../../apps/entitlement/src/database-url.js';

/**
 * The connection string, with the password that is set beside it.
 * @throws ConfigurationError when DATABASE_URL is not set, nor DATABASE_URL_FILE
 */
export function requiredDatabaseUrl(): string {
  return currentDatabaseUrl(loadEnvironment(DatabaseEnvironment, process.env));
}
