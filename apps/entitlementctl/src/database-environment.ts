// The variables of commands that need the database alone.
import { LiveValue, SecretVariable } from '@app/configuration';
import { password, postgresUrl } from '../../entitlement/src/environment-values.js';

export class DatabaseEnvironment {
  @SecretVariable({ description: 'PostgreSQL connection string.', parse: postgresUrl })
  readonly DATABASE_URL!: LiveValue<string>;

  @SecretVariable({
    description: 'Password of the PostgreSQL user, in place of the one in DATABASE_URL.',
    optional: true,
    parse: password,
  })
  readonly DATABASE_PASSWORD!: LiveValue<string | undefined>;
}
