// The database a command works on: the service's own variables, by the same names, so that secrets can be files here too.
import 'reflect-metadata';
import { loadEnvironment } from '@app/platform/configuration';
import { currentDatabaseUrl, DatabaseEnvironment } from '../../apps/entitlement/src/environment/database.js';

/**
 * The connection string, with the password that is set beside it.
 * @throws ConfigurationError when DATABASE_URL is not set, nor DATABASE_URL_FILE
 */
export function requiredDatabaseUrl(): string {
  return currentDatabaseUrl(loadEnvironment(DatabaseEnvironment, process.env));
}
