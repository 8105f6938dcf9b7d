// What a database says was applied, set against the files: pure, so that each disagreement can be tested as a value.
import type { MigrationFile } from './migration-files.js';

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
