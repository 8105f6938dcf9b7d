// Databases on a server: made for one command or one test, dropped after it.
import { Client, DatabaseError, escapeIdentifier } from 'pg';

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
