// `entitlementctl issuances`: the ledger, read from the database.
import { type Command, Option } from 'commander';
import { DatabaseEnvironment } from '../environment/database.js';
import { LEDGER_DECISIONS, type LedgerEntry } from '../ledger/issuances.dto.js';
import { LedgerReader, type LedgerFilter } from '../ledger/ledger-reader.repository.js';
import { type Action, type Context, examples, withDatabase } from './context.js';
import { restoreCommand } from './restore.command.js';
import { EXIT, usageError } from './terminal/exit-codes.js';
import { table } from './terminal/terminal.js';
import { momentText } from '../moment.js';
import { momentOption, integerOption } from './terminal/values.js';

interface Options extends Pick<LedgerFilter, 'user' | 'content' | 'purchase' | 'cookie' | 'decision'> {
  from?: string;
  to?: string;
  limit: string;
}

const MOST_ROWS = 10_000;

export function issuancesCommand(parent: Command, action: Action): void {
  const command = parent
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
    .action(action(issuances));
  restoreCommand(command, action);
}

async function issuances(context: Context, { from, to, limit: text, ...filter }: Options): Promise<number> {
  const limit = integerOption('--limit', text, 1, MOST_ROWS);
  if (filter.cookie !== undefined && !/^[0-9a-f]{32}$/.test(filter.cookie)) {
    throw usageError('--cookie takes 32 hex digits, in lower case.');
  }
  const times = {
    ...(from !== undefined && { from: momentOption('--from', from) }),
    ...(to !== undefined && { to: momentOption('--to', to) }),
  };
  const settings = context.settings(DatabaseEnvironment, context.serviceVariables());
  const session = { timeoutMs: 30_000, poolSize: 1, readOnly: true };
  const found = await context.unlessInterrupted(
    withDatabase(settings, session, (prisma) => new LedgerReader(prisma).find({ ...filter, ...times }, limit + 1)),
  );
  const rows = found.slice(0, limit);
  const more = found.length > limit;
  context.terminal.result({ issuances: rows, more }, () => ledgerText(rows));
  if (more) context.terminal.note(`There are more than these ${limit}: raise --limit, or narrow --from and --to.`);
  return EXIT.ok;
}

const HEAD = ['DECIDED AT', 'USER', 'TITLE', 'DRM', 'DECISION', 'REASON', 'RIGHTS', 'ID (COOKIE)'];

function ledgerText(rows: readonly LedgerEntry[]): string {
  return rows.length === 0 ? 'No rows.' : table(HEAD, rows.map(rowText));
}

function rowText(row: LedgerEntry): string[] {
  const { decidedAt, userId, contentId, drm, offline, decision, reason, expressPlayCode, id } = row;
  const device = drm === null ? '-' : `${drm}${offline ? ' offline' : ''}`;
  const why = [reason, expressPlayCode && `(${expressPlayCode})`].filter(Boolean).join(' ') || '-';
  return [momentText(decidedAt), userId, contentId, device, decision, why, rightsText(row), id];
}

function rightsText({ rightsType, rightsEndAt, firstPlay }: LedgerEntry): string {
  if (rightsType === null) return '-';
  const end = rightsEndAt === null ? '' : ` until ${momentText(rightsEndAt)}`;
  return `${rightsType}${end}${firstPlay ? ', first play' : ''}`;
}
