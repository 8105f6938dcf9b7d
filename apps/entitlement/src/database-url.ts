// The connection string that holds now: DATABASE_URL, with the password of DATABASE_PASSWORD where that is set.
import type { LiveValue } from '@app/configuration';

/** Where the database's address and password are configured. */
export interface DatabaseSecrets {
  readonly DATABASE_URL: LiveValue<string>;
  readonly DATABASE_PASSWORD: LiveValue<string | undefined>;
}

/** Looks at the files just now: connections are opened seldom, and one with an old password fails. */
export function currentDatabaseUrl({ DATABASE_URL: address, DATABASE_PASSWORD: secret }: DatabaseSecrets): string {
  const [text, password] = [address.refresh(), secret.refresh()];
  if (password === undefined) return text;
  const url = new URL(text);
  url.password = '';
  // In the query, since a URL without a host (Postgres on a socket) has no other place for it, and the query comes first.
  url.searchParams.set('password', password);
  return url.href;
}
