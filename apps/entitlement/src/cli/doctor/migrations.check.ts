// Whether the database has the migrations that this build was written for.
import {
  MigrationHistoryError,
  pendingMigrations,
  readMigrations,
  type AppliedMigration,
} from '@app/platform/database';
import { type Check, DATABASE_VARIABLES, failed, type Finding, ok, warning } from './check.js';
import { asking } from './database.check.js';

const LOOKED = 'applied migrations';

export const migrationsCheck: Check = {
  name: 'migrations',
  summary: 'the migrations of this build and those of the database',
  needs: DATABASE_VARIABLES,
  run: (context) =>
    asking(context, LOOKED, async (state) => {
      const { applied, checksums } = await state.migrations();
      return migrationFindings(await readMigrations(), applied, checksums);
    }),
};

/** @param checksums whether those of `applied` could be read */
function migrationFindings(
  files: Awaited<ReturnType<typeof readMigrations>>,
  applied: readonly AppliedMigration[],
  checksums: boolean,
): Finding[] {
  const known = new Map(files.map(({ name, checksum }) => [name, checksum]));
  // Half of every rollout: the new migrations are there, and the old service still runs.
  const ahead = applied.filter(({ name, rolledBack }) => !known.has(name) && !rolledBack).map(({ name }) => name);
  const ours = applied.filter(({ name }) => known.has(name));
  const halfWay = ours.filter(({ finished, rolledBack }) => !finished && !rolledBack).map(({ name }) => name);
  const findings = halfWay.map((name) =>
    failed(
      LOOKED,
      `${name} failed half way`,
      'Undo what there is of it, or restore the database (docs/backup.md); then mark it with ' +
        `\`npx prisma migrate resolve --rolled-back ${name}\`, and migrate again with \`npm run db:migrate\`.`,
    ),
  );
  const compared = ours.map((row) => ({
    ...row,
    finished: true,
    ...(checksums ? {} : { checksum: known.get(row.name) ?? '' }),
  }));
  try {
    const pending = pendingMigrations(files, compared).map(({ name }) => name);
    if (pending.length > 0) {
      const advice =
        'Run `npm run db:migrate` (in the image: `node dist/scripts/db-migrate.js`) with a user who may change the schema.';
      findings.push(failed(LOOKED, `pending: ${pending.join(', ')}`, advice));
    }
  } catch (error) {
    if (!(error instanceof MigrationHistoryError)) throw error;
    const advice = 'Do not go on: bring back the files that were applied, or restore the database.';
    findings.push(failed(LOOKED, error.problems.join('; '), advice));
  }
  if (ahead.length > 0) {
    const advice =
      'This is so while a newer version is being rolled out. If none is, this build is older than the database: update it.';
    findings.push(warning(LOOKED, `unknown to this build: ${ahead.join(', ')}`, advice));
  }
  if (findings.length > 0) return findings;
  const unseen = checksums ? 'unchanged' : 'whether their files were changed only the migrating user can see';
  return [ok(LOOKED, `all ${files.length} are applied, ${unseen}`)];
}
