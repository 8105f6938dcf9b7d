// `npm run db:roles`: makes the three database roles and gives each what it may do on the database that DATABASE_URL names.
import { parseArgs } from 'node:util';
import { applyRoles, DEFAULT_ROLE_NAMES } from '@app/platform/database';
import { requiredDatabaseUrl } from './support/environment.js';
import { runCommand } from './support/run-command.js';

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      migrate: { type: 'string', default: DEFAULT_ROLE_NAMES.migrate },
      serve: { type: 'string', default: DEFAULT_ROLE_NAMES.serve },
      report: { type: 'string', default: DEFAULT_ROLE_NAMES.report },
      'dry-run': { type: 'boolean', default: false },
    },
  });
  const { migrate, serve, report, 'dry-run': dryRun } = values;
  const names = { migrate, serve, report };
  const { done, unlisted, absent } = await applyRoles(requiredDatabaseUrl(), { names, dryRun });
  for (const statement of done) console.log(`${statement};`);
  for (const table of unlisted) console.log(`-- ${table} is in no list of privileges; it was left alone`);
  if (absent.length > 0)
    console.log(`-- not there yet: ${absent.join(', ')}. Run this again after npm run db:migrate.`);
  if (done.length === 0) console.log('-- Nothing is to be done.');
  if (dryRun) console.log('-- A dry run: nothing was changed.');
});
