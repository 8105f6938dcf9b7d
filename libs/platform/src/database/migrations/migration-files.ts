// The checked-in migrations, in Prisma's layout: prisma/migrations/<time>_<name>/migration.sql.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One migration as it stands on disk. */
export interface MigrationFile {
  /** The folder's name. */
  name: string;
  sql: string;
  /** SHA-256 of the file, hex: what Prisma records. */
  checksum: string;
}

/** The migrations folder of this checkout or image, wherever this file was compiled to. */
export function migrationsFolder(): string {
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
