// The Postgres that demo, stack, tests and bench run against, and databases on it: made for one command or one test.
import { Client, DatabaseError, escapeIdentifier } from 'pg';
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

/** The same server's connection string for another database. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/**
 * Makes an empty database, or a copy of `template`, and answers with its connection string.
 * @param serverUrl connection string of a user who may create databases
 */
export async function createDatabase(serverUrl: string, name: string, template?: string): Promise<string> {
  const from = template === undefined ? '' : ` TEMPLATE ${escapeIdentifier(template)}`;
  try {
    await run(serverUrl, `CREATE DATABASE ${escapeIdentifier(name)}${from}`);
  } catch (cause) {
    if (!(cause instanceof DatabaseError) || cause.code !== '42501') throw cause;
    const { username } = new URL(serverUrl);
    throw new Error(
      `The user ${username} of DATABASE_URL may not create databases: run ALTER ROLE ${username} CREATEDB as a superuser, or ` +
        'unset DATABASE_URL to use an embedded Postgres.',
      { cause },
    );
  }
  return databaseUrl(serverUrl, name);
}

/** Drops a database, ending whatever is still connected to it. */
export async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  await run(serverUrl, `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`);
}

async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
