// The connection string that holds now: DATABASE_URL, with the password of DATABASE_PASSWORD and the TLS of PGSSLMODE.
import type { DatabaseEnvironment } from './database-environment.js';

/** Where the database's address, password and TLS are configured. */
export type DatabaseSecrets = Pick<DatabaseEnvironment, 'DATABASE_URL' | 'DATABASE_PASSWORD' | 'PGSSLMODE'>;

/** Looks at the files just now: connections are opened seldom, and one with an old password fails. */
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
