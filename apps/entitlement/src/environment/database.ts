// The variables of whatever needs the database: the service, and commands beside it.
import { InvalidValueError, LiveValue, SecretVariable, Variable } from '@app/platform/configuration';
import { IsIn } from 'class-validator';

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
    parse: (secret) => secret.toString(),
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

/** Where the database's address, password and TLS are configured. */
export type DatabaseSecrets = Pick<DatabaseEnvironment, 'DATABASE_URL' | 'DATABASE_PASSWORD' | 'PGSSLMODE'>;

/** Looks at the files just now: connections are opened rarely, and one with an old password fails. */
export function currentDatabaseUrl({ DATABASE_URL: address, DATABASE_PASSWORD, PGSSLMODE }: DatabaseSecrets): string {
  const [text, password] = [address.refresh(), DATABASE_PASSWORD.refresh()];
  const url = new URL(text);
  const sslmode = url.searchParams.has('sslmode') ? undefined : PGSSLMODE;
  if (password === undefined && sslmode === undefined) return text;
  if (password !== undefined) {
    url.password = '';
    // In the query, since a URL without a host (Postgres on a socket) has no other place for it, and the query comes first.
    url.searchParams.set('password', password);
  }
  if (sslmode !== undefined) url.searchParams.set('sslmode', sslmode);
  return url.href;
}

/** How tools write the schema into a connection string. Prisma's own example says `schema=public`. */
const SCHEMA_PARAMETERS = ['schema', 'currentSchema', 'search_path'];

/** A connection string of PostgreSQL. */
export function postgresUrl(secret: Buffer): string {
  const text = secret.toString();
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol)) {
    throw new InvalidValueError('must be a URL postgresql://user:password@host:port/database');
  }
  const { searchParams } = new URL(text);
  const isElsewhere = SCHEMA_PARAMETERS.some((name) => searchParams.getAll(name).some((schema) => schema !== 'public'));
  if (isElsewhere || /search_path/i.test(searchParams.get('options') ?? '')) {
    throw new InvalidValueError('must name no schema or search_path in its query: the tables are in the schema public');
  }
  return text;
}
