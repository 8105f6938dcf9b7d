// Whether the ledger has partitions for the time to come.
import { monthsAhead } from '@app/platform/database';
import { type Check, DATABASE_VARIABLES, failed, type Finding, ok, warning } from './check.js';
import { asking } from './database.check.js';
import type { LedgerState } from './database-state.repository.js';

const LOOKED = 'partitions of the ledger';
const MAINTAIN =
  'Run `npm run ledger:maintain` (in the image: `node dist/scripts/ledger-maintain.js`) as the owner of the tables, and have it run each night.';
/** As the alert EntitlementLedgerMonthsRunOut says. */
const MONTHS_AHEAD = 2;

export const ledgerCheck: Check = {
  name: 'ledger',
  summary: 'the partitions of the token ledger',
  needs: DATABASE_VARIABLES,
  run: (context) => asking(context, LOOKED, async (state) => ledgerFindings(await state.ledger(), context.now())),
};

function ledgerFindings({ months, hasRowsOutside }: LedgerState, now: Date): Finding[] {
  const ahead = monthsAhead(months, now);
  const findings: Finding[] = [];
  if (ahead < 0) {
    findings.push(failed(LOOKED, 'the present month has none: its rows go to issuance_other', MAINTAIN));
  } else {
    const last = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead)).toISOString().slice(0, 7);
    const found = `made up to ${last}, ${ahead} month(s) ahead`;
    findings.push(ahead >= MONTHS_AHEAD ? ok(LOOKED, found) : warning(LOOKED, found, MAINTAIN));
  }
  if (hasRowsOutside === true) {
    const advice = '`npm run ledger:maintain` moves them to their months; docs/ledger.md says which it leaves.';
    findings.push(warning('table issuance_other', 'rows lie outside of the months', advice));
  }
  return findings;
}
