// The Postgres that demo, stack, tests and bench run against: the one DATABASE_URL names, or an embedded one.
import { startEmbeddedPostgres } from './embedded-postgres.js';

/** A server to work on. */
export interface DatabaseServer {
  /** Connection string, with the database the server was named with. */
  readonly url: string;
  /** Whether this command started it (and `stop` will end it). */
  readonly embedded: boolean;
  /** Ends an embedded server; leaves a given one alone. */
  stop(): Promise<void>;
}

/** @param given the value of DATABASE_URL; where it is unset or empty an embedded server is started */
export async function databaseServer(given: string | undefined): Promise<DatabaseServer> {
  if (given !== undefined && given !== '') return { url: given, embedded: false, stop: async () => undefined };
  const server = await startEmbeddedPostgres();
  return { url: server.url, embedded: true, stop: () => server.stop() };
}
