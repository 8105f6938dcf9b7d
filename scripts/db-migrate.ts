// `npm run db:migrate`: applies the checked-in migrations to the database that DATABASE_URL names.
import { applyMigrations } from '@app/platform/database';
import { requiredDatabaseUrl } from './support/environment.js';
import { runCommand } from './support/run-command.js';

await runCommand(async () => {
  const applied = await applyMigrations(requiredDatabaseUrl(), {
    onApplied: (name) => console.log(`applied ${name}`),
    onWaiting: (milliseconds) =>
      console.log(`Another migration is under way; waiting for it, at most ${milliseconds / 1000} s.`),
  });
  console.log(applied.length === 0 ? 'The database is up to date.' : `${applied.length} migration(s) applied.`);
});
