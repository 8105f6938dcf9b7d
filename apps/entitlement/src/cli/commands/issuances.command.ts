// `entitlementctl issuances`: the ledger, read from the database.
import { Option, type Command } from 'commander';
import { LedgerReader, LEDGER_DECISIONS, type LedgerFilter } from '../../ledger/ledger-reader.repository.js';
import type { Context } from '../context.js';
import { withDatabase } from '../database-session.repository.js';
import { DatabaseEnvironment } from '../../environment/database.js';
import { ledgerText } from '../ledger/ledger.text.js';
import { EXIT, usageError } from '../terminal/exit-codes.js';
import { momentOption } from '../terminal/moments.js';
import { wholeNumberOption } from '../terminal/numbers.js';
import { examples, type Action } from './command-support.js';

interface Options extends Pick<LedgerFilter, 'user' | 'content' | 'purchase' | 'cookie' | 'decision'> {
  from?: string;
  to?: string;
  limit: string;
}

const MOST_ROWS = 10_000;
const TIMEOUT_MS = 30_000;

export function issuancesCommand(parent: Command, action: Action): void {
  parent
    .command('issuances')
    .summary('who asked for which token, what was decided and why')
    .description(
      'Reads the token ledger, the newest row first. It asks the database, with the query of the admin API: a pod has the ' +
        'database at hand, and no bearer token.',
    )
    .option('--user <user>', 'rows of a user')
    .option('--content <contentId>', 'rows of a title')
    .option('--purchase <orderId>', "rows that a purchase decided, by the store's order id")
    .option('--cookie <id>', "the row with this id, as it stands in ExpressPlay's log")
    .option('--from <time>', 'decided at this moment or later, RFC 3339')
    .option('--to <time>', 'decided before this moment, RFC 3339')
    .addOption(new Option('--decision <decision>', 'rows of one decision').choices(LEDGER_DECISIONS))
    .option('--limit <rows>', 'most rows', '50')
    .addHelpText(
      'after',
      examples(
        'entitlementctl issuances --user bob --limit 10',
        'entitlementctl issuances --content sintel --decision denied --from 2026-11-21T00:00:00Z',
        'entitlementctl issuances --cookie 5f0c8e1d2b3a49f6a7b8c9d0e1f20314 --json',
      ),
    )
    .action(action((context, _args, options) => issuances(context, options as unknown as Options)));
}

async function issuances(context: Context, { from, to, limit: text, ...filter }: Options): Promise<number> {
  const limit = wholeNumberOption('--limit', text, 1, MOST_ROWS);
  if (filter.cookie !== undefined && !/^[0-9a-f]{32}$/.test(filter.cookie)) {
    throw usageError('--cookie takes 32 hex digits, in lower case.');
  }
  const times = {
    ...(from === undefined ? {} : { from: momentOption('--from', from) }),
    ...(to === undefined ? {} : { to: momentOption('--to', to) }),
  };
  const settings = context.settings(DatabaseEnvironment);
  const session = { timeoutMs: TIMEOUT_MS, poolSize: 1, readOnly: true };
  const found = await context.unlessInterrupted(
    withDatabase(settings, session, (prisma) => new LedgerReader(prisma).find({ ...filter, ...times }, limit + 1)),
  );
  const rows = found.slice(0, limit);
  const more = found.length > limit;
  context.terminal.result({ issuances: rows, more }, () => ledgerText(rows));
  if (more) context.terminal.note(`There are more than these ${limit}: raise --limit, or narrow --from and --to.`);
  return EXIT.ok;
}
