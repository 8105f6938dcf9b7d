// Applies the checked-in migrations over plain `pg`, keeping Prisma's own table so that its commands agree.
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { readMigrations, type MigrationFile } from './migration-files.js';
import { pendingMigrations, type AppliedMigration } from './migration-history.js';

// The key Prisma's own `migrate deploy` locks, so that the two never run at once.
const ADVISORY_LOCK = 72707369;

const HISTORY_TABLE = `
CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

/** A migration whose SQL the database refused; nothing of it remains. */
export class MigrationFailedError extends Error {
  override readonly name = 'MigrationFailedError';

  constructor(migration: string, cause: unknown) {
    super(
      `Migration ${migration} failed and was rolled back: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/**
 * Applies what is pending, each migration in a transaction of its own, one runner at a time on a database.
 * @param databaseUrl connection string of a role that may change the schema
 * @param onApplied told each migration's name once it is committed
 * @returns the names applied, none when the database was up to date
 * @throws MigrationHistoryError when the history disagrees with the files, MigrationFailedError when a migration fails
 */
export async function applyMigrations(
  databaseUrl: string,
  onApplied: (name: string) => void = () => undefined,
  files?: readonly MigrationFile[],
): Promise<string[]> {
  const wanted = files ?? (await readMigrations());
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await client.query("SET client_min_messages = 'warning'");
    await client.query(HISTORY_TABLE);
    const pending = pendingMigrations(wanted, await appliedMigrations(client));
    for (const migration of pending) {
      await apply(client, migration);
      onApplied(migration.name);
    }
    return pending.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/** The rows of `_prisma_migrations`, in the order they were started. */
export async function appliedMigrations(client: Pick<Client, 'query'>): Promise<AppliedMigration[]> {
  const { rows } = await client.query<AppliedMigration>(`
    SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished, rolled_back_at IS NOT NULL AS "rolledBack"
    FROM _prisma_migrations ORDER BY started_at`);
  return rows;
}

async function apply(client: Client, { name, sql, checksum }: MigrationFile): Promise<void> {
  await client.query('BEGIN');
  try {
    const started = new Date();
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name, started],
    );
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK');
    throw new MigrationFailedError(name, cause);
  }
}
