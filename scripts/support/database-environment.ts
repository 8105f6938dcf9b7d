// The database a command works on: the service's own variables, by the same names, so that secrets can be files here too.
import 'reflect-metadata';
import { LiveValue, loadEnvironment, SecretVariable } from '@app/configuration';
import { currentDatabaseUrl } from '../../apps/entitlement/src/database-url.js';
import { password, postgresUrl } from '../../apps/entitlement/src/environment-values.js';

export class DatabaseEnvironment {
  @SecretVariable({
    description: 'PostgreSQL connection string.',
    example: 'postgresql://user:password@localhost:5432/entitlement',
    parse: postgresUrl,
  })
  readonly DATABASE_URL!: LiveValue<string>;

  @SecretVariable({
    description: 'Password of the PostgreSQL user, in place of the one in DATABASE_URL.',
    optional: true,
    parse: password,
  })
  readonly DATABASE_PASSWORD!: LiveValue<string | undefined>;
}

/**
 * The connection string, with the password that is set beside it.
 * @throws ConfigurationError when DATABASE_URL is not set, nor DATABASE_URL_FILE
 */
export function requiredDatabaseUrl(): string {
  return currentDatabaseUrl(loadEnvironment(DatabaseEnvironment, process.env));
}
