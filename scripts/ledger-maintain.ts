// `npm run ledger:maintain`: makes the ledger's partitions of the months to come, moves rows into them, drops old ones.
import { parseArgs } from 'node:util';
import { maintainLedger } from '@app/platform/database';
import { integerOption } from '../apps/entitlement/src/cli/terminal/values.js';
import { requiredDatabaseUrl } from './support/environment.js';
import { runCommand } from './support/run-command.js';

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      ahead: { type: 'string', default: '12' },
      keep: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
    },
  });
  const monthsAhead = integerOption('--ahead', values.ahead, 0, 120);
  const keepMonths = values.keep === undefined ? undefined : integerOption('--keep', values.keep, 1, 1200);
  const dryRun = values['dry-run'];
  const report = await maintainLedger(requiredDatabaseUrl(), { now: new Date(), monthsAhead, keepMonths, dryRun });
  const tense = dryRun ? 'would be' : 'was';
  for (const partition of report.created) console.log(`${partition} ${tense} made`);
  for (const { partition, rows } of report.moved)
    console.log(`${partition} ${dryRun ? 'would take' : 'took'} over ${rows} rows of issuance_other`);
  for (const { partition, rows } of report.dropped) console.log(`${partition} ${tense} dropped, with ${rows} rows`);
  if (report.rowsOutsideMonths > 0)
    console.log(`${report.rowsOutsideMonths} rows lie outside the months (table issuance_other)`);
  const { created, dropped, failed } = report;
  if (failed.length > 0)
    throw new Error(failed.map(({ partition, reason }) => `${partition} is left as it was: ${reason}`).join('\n'));
  if (created.length + dropped.length === 0) console.log('Nothing is to be done.');
});
