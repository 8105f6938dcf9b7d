// `npm run db:migrate`: applies the checked-in migrations to the database that DATABASE_URL names.
import { applyMigrations } from '@app/database';
import { requiredDatabaseUrl } from './support/database-environment.js';
import { runCommand } from './support/run-command.js';

await runCommand(async () => {
  const applied = await applyMigrations(requiredDatabaseUrl(), (name) => console.log(`applied ${name}`));
  console.log(applied.length === 0 ? 'The database is up to date.' : `${applied.length} migration(s) applied.`);
});
