// `entitlementctl keys list | check | rotate`.
import type { Command } from 'commander';
import type { KekRing } from '../../keks.js';
import type { Context } from '../context.js';
import { withDatabase } from '../database-session.repository.js';
import { checkKeys } from '../keys/check-keys.js';
import { ContentKeysRepository } from '../keys/content-keys.repository.js';
import { kekUse } from '../keys/kek-use.js';
import { KeysEnvironment } from '../keys/keys-environment.js';
import { kekUseText, keyCheckText, rotationText } from '../keys/keys.text.js';
import { rotateKeys, UnknownKekError } from '../keys/rotate-keys.js';
import { EXIT, usageError } from '../terminal/exit-codes.js';
import { wholeNumberOption } from '../terminal/numbers.js';
import { examples, type Action } from './command-support.js';

interface RotateOptions {
  to: string;
  dryRun?: boolean;
  batch: string;
}

const CONNECTIONS = 4;
const TIMEOUT_MS = 10_000;

export function keysCommand(parent: Command, action: Action): void {
  const keys = parent
    .command('keys')
    .summary('the keys that content keys are wrapped under (KEKs)')
    .description('Looks after content keys and the KEKs of CONTENT_KEY_KEKS. No key is ever shown.')
    .addHelpText('after', examples('entitlementctl keys list', 'entitlementctl keys rotate --to 2026-12 --dry-run'));
  keys
    .command('list')
    .summary('KEKs, how many content keys need each, and which are unused')
    .description(
      'Lists the KEKs of the configuration and of the database, with the content keys that need each. Exit code 1 when a ' +
        'content key needs one that is not configured.',
    )
    .addHelpText('after', examples('entitlementctl keys list', 'entitlementctl keys list --json'))
    .action(action((context) => list(context)));
  keys
    .command('check')
    .summary('unwrap every content key under its KEK')
    .description(
      'Unwraps every wrapped content key under the KEK that it names, in memory. Exit code 1 when one cannot be read.',
    )
    .addHelpText('after', examples('entitlementctl keys check'))
    .action(action((context) => check(context)));
  keys
    .command('rotate')
    .summary('wrap every content key under one KEK')
    .description(
      'Wraps every content key under one KEK of CONTENT_KEY_KEKS, row by row, while the service goes on serving them. It can ' +
        'be interrupted and run again. Exit code 1 when keys were left that cannot be read.',
    )
    .requiredOption('--to <kekId>', 'the id of the KEK to wrap them under')
    .option('--dry-run', 'unwrap and wrap, and write nothing')
    .option('--batch <rows>', 'how many rows are read at once', '100')
    .addHelpText(
      'after',
      examples('entitlementctl keys rotate --to 2026-12 --dry-run', 'entitlementctl keys rotate --to 2026-12'),
    )
    .action(action((context, _args, options) => rotate(context, options as unknown as RotateOptions)));
}

async function list(context: Context): Promise<number> {
  const use = await context.unlessInterrupted(withKeys(context, true, (rows, keks) => kekUse(rows, keks.ids)));
  context.terminal.result(use, () => kekUseText(use));
  return use.keks.every(({ configured }) => configured) ? EXIT.ok : EXIT.no;
}

async function check(context: Context): Promise<number> {
  const report = await context.unlessInterrupted(
    withKeys(context, true, (rows, keks) =>
      checkKeys(rows, keks, (done) => context.checkpoint(`${done} content keys`)),
    ),
  );
  context.terminal.endProgress();
  context.terminal.result(report, () => keyCheckText(report));
  return report.unreadable.length === 0 ? EXIT.ok : EXIT.no;
}

async function rotate(context: Context, { to, dryRun = false, batch }: RotateOptions): Promise<number> {
  const batchSize = wholeNumberOption('--batch', batch, 1, 10_000);
  try {
    const report = await withKeys(context, dryRun, (rows, keks) => {
      const progress = (done: number, all: number) => context.checkpoint(`${done} of ${all} content keys`);
      return rotateKeys({ rows, keks, to, dryRun, batchSize, progress });
    });
    context.terminal.endProgress();
    context.terminal.result({ to, dryRun, ...report }, () => rotationText(report, to, dryRun));
    return report.unreadable.length === 0 ? EXIT.ok : EXIT.no;
  } catch (error) {
    if (!(error instanceof UnknownKekError)) throw error;
    throw usageError(`${error.message}. \`entitlementctl keys list\` shows the ids.`);
  }
}

async function withKeys<T>(
  context: Context,
  readOnly: boolean,
  work: (rows: ContentKeysRepository, keks: KekRing) => Promise<T>,
): Promise<T> {
  const settings = context.settings(KeysEnvironment);
  const keks = settings.CONTENT_KEY_KEKS.current;
  const giveBack = keks.borrow();
  const session = { timeoutMs: TIMEOUT_MS, poolSize: CONNECTIONS, readOnly };
  try {
    return await withDatabase(settings, session, (prisma) => work(new ContentKeysRepository(prisma), keks));
  } finally {
    giveBack();
    keks.retire();
  }
}
