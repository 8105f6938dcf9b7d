// `entitlementctl reconcile`: ExpressPlay's records of redemptions beside the ledger.
import type { Command } from 'commander';
import { RecordsClient } from '@app/expressplay';
import { momentText } from '../../moment.js';
import { AccountApiEnvironment, accountApiOptions, answerOf } from '../account-api.js';
import { type Action, type Context, examples, withDatabase } from '../context.js';
import { EXIT, InterruptedError } from '../terminal/exit-codes.js';
import { indented, table } from '../terminal/terminal.js';
import { integerOption, momentOption } from '../terminal/values.js';
import { IssuedTokensRepository, type LedgerRow } from './issued-tokens.repository.js';
import { type Reconciliation, reconcile } from './reconciliation.js';

interface Options {
  since?: string;
  late: string;
  start: string;
  pages?: string;
}

const DAY_MS = 86_400_000;
const MOST = 999_999_999;

export function reconcileCommand(parent: Command, action: Action): void {
  parent
    .command('reconcile')
    .summary("ExpressPlay's records of redemptions beside the ledger")
    .description(
      'Reads which tokens ExpressPlay says were redeemed, and reports those that were issued and never redeemed, redeemed more ' +
        'than once, and redeemed without the ledger knowing of a token. It is a tool for troubleshooting, as is the record ' +
        "retrieval of ExpressPlay's that it asks: records come late, twice or not at all, so nothing may be built on it. It " +
        'writes nothing. Exit code 1 when a token was redeemed more than once or is unknown, 3 when records could not be read to the end.',
    )
    .option('--since <time>', 'tokens issued at this moment or later, RFC 3339 (default: a day ago)')
    .option('--late <seconds>', "how long after a token's end its record may still come", '3600')
    .option('--start <number>', 'go on with this record: what an earlier run said; the first is 0', '0')
    .option('--pages <number>', 'most pages of 200 records (default: all)')
    .addHelpText(
      'after',
      examples(
        'entitlementctl reconcile',
        'entitlementctl reconcile --since 2026-11-21T00:00:00Z --json',
        'entitlementctl reconcile --start 4200 --pages 10',
      ),
    )
    .action(action(run));
}

async function run(context: Context, options: Options): Promise<number> {
  const now = context.now();
  const since = options.since === undefined ? new Date(now.getTime() - DAY_MS) : momentOption('--since', options.since);
  const lateSeconds = integerOption('--late', options.late, 0, MOST);
  const start = integerOption('--start', options.start, 0, MOST);
  const pages = options.pages === undefined ? Infinity : integerOption('--pages', options.pages, 1, MOST);
  const settings = context.settings(AccountApiEnvironment, context.serviceVariables());
  const records = new RecordsClient(accountApiOptions(settings));
  const session = { timeoutMs: 30_000, poolSize: 1, readOnly: true };
  try {
    const checkpoint = (progress: string) => context.checkpoint(progress);
    const found = await answerOf(
      withDatabase(settings, session, (prisma) => {
        const ledger = new IssuedTokensRepository(prisma);
        return reconcile({ records, ledger, now, since, lateSeconds, start, pages, checkpoint });
      }),
    );
    context.terminal.result(found, () => text(found));
    return end(context, found);
  } finally {
    await records.close();
  }
}

function end({ terminal, surroundings }: Context, { records, redeemedMoreThanOnce, unknown }: Reconciliation): number {
  const { next, toTheEnd, brokenOff } = records;
  if (!toTheEnd)
    terminal.note(`There may be more records${brokenOff === null ? '' : ` (${brokenOff})`}: --start ${next}.`);
  const { reason } = surroundings.signal as { reason: unknown };
  if (brokenOff !== null) return reason instanceof InterruptedError ? reason.exitCode : EXIT.unavailable;
  return redeemedMoreThanOnce.length + unknown.length === 0 ? EXIT.ok : EXIT.no;
}

const MOST_LISTED = 20;

function text(found: Reconciliation): string {
  const { records, since, issued, tooEarly, neverRedeemed, notAskedFor, redeemedMoreThanOnce, unknown } = found;
  const { start, next, doubled } = records;
  return [
    `${next - start} record(s) from ${start} on, ${doubled} of them doubled. The next one is --start ${next}.`,
    `${issued} token(s) issued since ${momentText(since)}, ${tooEarly} of them too new to say.`,
    ...(notAskedFor === 0 ? [] : [`${notAskedFor} token(s) have no record here and were not asked for.`]),
    listText('Issued and never redeemed', ISSUED, neverRedeemed.map(issuedCells)),
    listText(
      'Redeemed more than once',
      [...ISSUED, ...REDEEMED],
      redeemedMoreThanOnce.map((row) => [...issuedCells(row), ...redeemedCells(row)]),
    ),
    listText(
      'Redeemed, and no token of the ledger',
      ['COOKIE', ...REDEEMED, 'LEDGER'],
      unknown.map((one) => [one.cookie ?? '-', ...redeemedCells(one), one.ledger ?? 'no row']),
    ),
  ].join('\n');
}

function listText(title: string, head: readonly string[], rows: readonly string[][]): string {
  if (rows.length === 0) return `${title}: none.`;
  const more = rows.length - MOST_LISTED;
  const rest = more > 0 ? [`... and ${more} more (all of them with --json)`] : [];
  return [`${title}: ${rows.length}`, indented([table(head, rows.slice(0, MOST_LISTED)), ...rest].join('\n'))].join(
    '\n',
  );
}

const ISSUED = ['ISSUED AT', 'USER', 'TITLE', 'DRM', 'ID (COOKIE)'];
const REDEEMED = ['REDEMPTIONS', 'DEVICES'];

function issuedCells({ decidedAt, userId, contentId, drm, id }: LedgerRow): string[] {
  return [momentText(decidedAt), userId, contentId, drm ?? '-', id];
}

function redeemedCells({ redemptions, devices }: { redemptions: number; devices: readonly string[] }): string[] {
  return [String(redemptions), String(devices.length)];
}
