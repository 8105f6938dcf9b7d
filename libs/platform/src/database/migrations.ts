// Applies the checked-in migrations over plain `pg`, keeping Prisma's own table so that its commands agree.
import { randomUUID, createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseError, type Client } from 'pg';
import { SEARCH_PATH, withSession } from './session.js';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The key Prisma's own `migrate deploy` locks, so that the two never run at once.
const ADVISORY_LOCK = 72707369;
const LONGEST_WAIT_MS = 60_000;
const TRY_AGAIN_MS = 500;

// All of it ends with the transaction: behind a transaction pooler, what is left on a session is the next client's.
const BEGIN = `BEGIN;
  SET LOCAL search_path = ${SEARCH_PATH};
  SET LOCAL client_min_messages = 'warning';
  SET LOCAL statement_timeout = 0;
  SET LOCAL idle_in_transaction_session_timeout = 0`;

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

/** Another session kept the lock for as long as this one was willing to wait; nothing was done. */
export class MigrationLockedError extends Error {
  override readonly name = 'MigrationLockedError';

  /** @param holders the sessions that have the lock, in words */
  constructor(waitMs: number, holders: readonly string[]) {
    super(
      `Another migration had the lock for all of ${waitMs / 1000} s: ${holders.join(', ') || 'a session that has gone since'}. ` +
        'Run this again when that migration is over. If there is none, the lock was left on a connection of a pooler: ' +
        `find it with \`SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = ${ADVISORY_LOCK}\`, ` +
        'and end it with `SELECT pg_terminate_backend(pid)`.',
    );
  }
}

interface MigrationOptions {
  /** Called with each migration's name once it is committed. */
  onApplied?: (name: string) => void;
  /** Called when another session has the lock: how long it is waited for at most. */
  onWaiting?: (milliseconds: number) => void;
  /** How long that is. */
  waitMs?: number;
  /** By default those of this checkout or image. */
  files?: readonly MigrationFile[];
}

/**
 * Applies what is pending, each migration in a transaction of its own that also holds the lock, one at a time on a database.
 * @param databaseUrl connection string of a role that may change the schema, also by way of a transaction pooler
 * @returns the names applied, none when the database was up to date
 * @throws MigrationHistoryError when the history disagrees with the files, MigrationFailedError when a migration fails,
 * MigrationLockedError when another runner does not come to its end
 */
export async function applyMigrations(databaseUrl: string, options: MigrationOptions = {}): Promise<string[]> {
  const files = options.files ?? (await readMigrations());
  return withSession({ url: databaseUrl, applicationName: 'db:migrate' }, async (client) => {
    const applied: string[] = [];
    for (;;) {
      await beginLocked(client, options);
      const name = await applyFirstPending(client, files);
      if (name === undefined) return applied;
      applied.push(name);
      options.onApplied?.(name);
    }
  });
}

/** The rows of `_prisma_migrations`, in the order they were started. */
export async function appliedMigrations(client: Pick<Client, 'query'>): Promise<AppliedMigration[]> {
  const { rows } = await client.query<AppliedMigration>(`
    SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished, rolled_back_at IS NOT NULL AS "rolledBack"
    FROM _prisma_migrations ORDER BY started_at`);
  return rows;
}

/** Begins a transaction that has the lock. Between two tries nothing is open, so a pooler's connection is free. */
async function beginLocked(client: Client, { waitMs = LONGEST_WAIT_MS, onWaiting }: MigrationOptions): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (let tries = 1; ; tries += 1) {
    await client.query(BEGIN);
    const { rows } = await client.query<{ locked: boolean }>(
      `SELECT pg_try_advisory_xact_lock(${ADVISORY_LOCK}) AS locked`,
    );
    if (rows[0]?.locked === true) return;
    await client.query('ROLLBACK');
    if (tries === 1) onWaiting?.(waitMs);
    const left = deadline - performance.now();
    if (left <= 0) throw new MigrationLockedError(waitMs, await lockHolders(client));
    await delay(Math.min(TRY_AGAIN_MS, left));
  }
}

async function lockHolders(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ holder: string }>(
    `SELECT format('process %s (user %s, application "%s")', l.pid, a.usename, a.application_name) AS holder
     FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = ${ADVISORY_LOCK}
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return rows.map(({ holder }) => holder);
}

/** Ends the transaction that was begun, with the first pending migration in it; undefined when there is none. */
async function applyFirstPending(client: Client, files: readonly MigrationFile[]): Promise<string | undefined> {
  try {
    await client.query(HISTORY_TABLE);
    const [migration] = pendingMigrations(files, await appliedMigrations(client));
    if (migration !== undefined) await apply(client, migration);
    await client.query('COMMIT');
    return migration?.name;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    if (!(error instanceof DatabaseError) || error.code !== '42501') throw error;
    throw new Error(
      `The user of DATABASE_URL may not change the schema (${error.message}). Migrate as the owner of the database.`,
      { cause: error },
    );
  }
}

async function apply(client: Client, { name, sql, checksum }: MigrationFile): Promise<void> {
  const started = new Date();
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name, started],
    );
  } catch (cause) {
    throw new MigrationFailedError(name, cause);
  }
}

export interface MigrationFile {
  /** The folder's name. */
  name: string;
  sql: string;
  /** SHA-256 of the file, hex: what Prisma records. */
  checksum: string;
}

/** The migrations folder of this checkout or image, wherever this file was compiled to. */
function migrationsFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); dirname(folder) !== folder; folder = dirname(folder)) {
    const candidate = join(folder, 'prisma', 'migrations');
    if (existsSync(candidate)) return candidate;
  }
  throw new Error('There is no folder prisma/migrations above the database library.');
}

/** Reads all migrations in the order they apply. */
export async function readMigrations(folder: string = migrationsFolder()): Promise<MigrationFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(join(folder, name, 'migration.sql'));
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
}

/** One row of Prisma's `_prisma_migrations`, as far as it matters here. */
export interface AppliedMigration {
  name: string;
  checksum: string;
  finished: boolean;
  rolledBack: boolean;
}

/** A history that must not be built upon: an applied file was changed, a migration failed half way, or nobody knows it. */
export class MigrationHistoryError extends Error {
  override readonly name = 'MigrationHistoryError';

  constructor(readonly problems: readonly string[]) {
    super(`The database's migrations disagree with prisma/migrations: ${problems.join('; ')}`);
  }
}

/**
 * Which files are still to be applied, in order.
 * @throws MigrationHistoryError naming every changed, failed and unknown migration
 */
export function pendingMigrations(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): MigrationFile[] {
  const live = new Map(applied.filter((row) => !row.rolledBack).map((row) => [row.name, row]));
  const known = new Map(files.map((file) => [file.name, file]));
  const problems: string[] = [];
  for (const row of live.values()) {
    const file = known.get(row.name);
    if (!row.finished) problems.push(`${row.name} failed half way`);
    else if (file === undefined) problems.push(`${row.name} is applied but not among the files`);
    else if (file.checksum !== row.checksum) problems.push(`${row.name} was changed after it was applied`);
  }
  if (problems.length > 0) throw new MigrationHistoryError(problems);
  return files.filter((file) => !live.has(file.name));
}
