// The variables of whatever needs the database: the service, and commands beside it.
import { LiveValue, SecretVariable, Variable } from '@app/platform/configuration';
import { IsIn } from 'class-validator';
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

  @Variable({
    description:
      'TLS to PostgreSQL where DATABASE_URL has no sslmode: verify-full (with a verified certificate) or disable.',
    example: 'verify-full',
    optional: true,
  })
  @IsIn(['verify-full', 'disable'])
  readonly PGSSLMODE?: 'verify-full' | 'disable';
}
