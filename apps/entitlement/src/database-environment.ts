// The variables of whatever needs the database: the service, and commands beside it.
import { LiveValue, SecretVariable } from '@app/configuration';
import { password, postgresUrl } from './environment-values.js';

export class DatabaseEnvironment {
  @SecretVariable({
    description: 'PostgreSQL connection string.',
    example: 'postgresql://bff@127.0.0.1:5432/bff',
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
