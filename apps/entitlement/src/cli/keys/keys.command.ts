// `entitlementctl keys list | check | rotate`, and what has to do with ExpressPlay's key storage.
import type { Command } from 'commander';
import { type Action, type Context, examples } from '../context.js';
import { EXIT, usageError } from '../terminal/exit-codes.js';
import { table } from '../terminal/terminal.js';
import { integerOption } from '../terminal/values.js';
import {
  checkKeys,
  kekUse,
  type KekUse,
  type KeyCheckReport,
  rotateKeys,
  type RotationReport,
  type UnreadableKey,
  withoutKeyText,
} from './content-keys.js';
import { keyStorageCommands, listStored } from './key-storage.command.js';
import { KeysEnvironment, withKeys } from './with-keys.js';

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
        "content key needs one that is not configured. With --key-storage it lists the keys in ExpressPlay's key storage instead, " +
        'and those of the catalogue that are not there; exit code 1 when a title needs one of these.',
    )
    .option('--key-storage', "ask ExpressPlay's key storage")
    .addHelpText('after', examples('entitlementctl keys list', 'entitlementctl keys list --key-storage --json'))
    .action(action(list));
  keys
    .command('check')
    .summary('unwrap every content key under its KEK')
    .description(
      'Unwraps every wrapped content key under the KEK that it names, in memory. Exit code 1 when one cannot be read.',
    )
    .addHelpText('after', examples('entitlementctl keys check'))
    .action(action(check));
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
    .action(action(rotate));
  keyStorageCommands(keys, action);
}

async function list(context: Context, { keyStorage = false }: { keyStorage?: boolean }): Promise<number> {
  if (keyStorage) return listStored(context);
  const settings = context.settings(KeysEnvironment, context.serviceVariables());
  const use = await context.unlessInterrupted(withKeys(settings, true, (rows, keks) => kekUse(rows, keks.ids)));
  context.terminal.result(use, () => kekUseText(use));
  return use.keks.every(({ configured }) => configured) ? EXIT.ok : EXIT.no;
}

async function check(context: Context): Promise<number> {
  const settings = context.settings(KeysEnvironment, context.serviceVariables());
  const progress = (done: number) => context.checkpoint(`${done} content keys`);
  const report = await context.unlessInterrupted(
    withKeys(settings, true, (rows, keks) => checkKeys(rows, keks, progress)),
  );
  context.terminal.result(report, () => keyCheckText(report));
  return report.unreadable.length === 0 ? EXIT.ok : EXIT.no;
}

async function rotate(
  context: Context,
  { to, dryRun = false, batch }: { to: string; dryRun?: boolean; batch: string },
): Promise<number> {
  const batchSize = integerOption('--batch', batch, 1, 10_000);
  const settings = context.settings(KeysEnvironment, context.serviceVariables());
  const report = await withKeys(settings, dryRun, (rows, keks) => {
    if (keks.get(to) === undefined) {
      throw usageError(`KEK ${to} is not among CONTENT_KEY_KEKS. \`entitlementctl keys list\` shows the ids.`);
    }
    const progress = (done: number, all: number) => context.checkpoint(`${done} of ${all} content keys`);
    return rotateKeys({ rows, keks, to, dryRun, batchSize, progress });
  });
  context.terminal.result({ to, dryRun, ...report }, () => rotationText(report, to, dryRun));
  return report.unreadable.length === 0 ? EXIT.ok : EXIT.no;
}

const MOST_LISTED = 20;

function kekUseText(use: KekUse): string {
  const rows = use.keks.map(({ kekId, configured, wrapped, keyStorage, wrapsNewKeys }) => [
    kekId,
    configured ? (wrapsNewKeys ? 'yes, wraps new keys' : 'yes') : 'NO',
    String(wrapped),
    String(keyStorage),
    configured
      ? wrapped + keyStorage === 0
        ? 'unused'
        : ''
      : 'these titles cannot be played: add the KEK to CONTENT_KEY_KEKS',
  ]);
  const without =
    use.contentsWithoutKey === 0 ? [] : [`Without a key, so that they cannot be played: ${withoutKeyText(use)}.`];
  return [table(['KEK', 'CONFIGURED', 'WRAPPED', 'KEY STORAGE', ''], rows), ...without].join('\n');
}

function rotationText({ rotated, unreadable, keyStorage }: RotationReport, to: string, dryRun: boolean): string {
  const done = dryRun
    ? `A dry run: ${rotated} content key(s) would be wrapped under ${to}. Nothing was changed.`
    : `${rotated} content key(s) are wrapped under ${to} now.`;
  const left = keyStorage.map(
    ({ kekId, count }) =>
      `${count} content key(s) lie in ExpressPlay's key storage under ${kekId}: they are left, and so must ${kekId} be.`,
  );
  const end =
    unreadable.length > 0
      ? [unreadableText(unreadable), `${unreadable.length} content key(s) cannot be read and were left as they are.`]
      : dryRun
        ? []
        : ['No key in this database is wrapped under another KEK any more.'];
  return [done, ...left, ...end].join('\n');
}

function keyCheckText({ readable, unreadable }: KeyCheckReport): string {
  const good = `${readable} content key(s) unwrap under their KEK.`;
  if (unreadable.length === 0) return good;
  return `${good}\n${unreadableText(unreadable)}\n${unreadable.length} content key(s) cannot be read.`;
}

function unreadableText(keys: readonly UnreadableKey[]): string {
  const lines = keys.slice(0, MOST_LISTED).map(({ contentId, kid, kekId, reason }) => {
    if (reason === 'unknown-kek') return `${contentId}, key ${kid}: its KEK ${kekId} is not among CONTENT_KEY_KEKS`;
    return `${contentId}, key ${kid}: the KEK ${kekId} of CONTENT_KEY_KEKS does not unwrap it`;
  });
  if (keys.length > MOST_LISTED) lines.push(`... and ${keys.length - MOST_LISTED} more (all of them with --json)`);
  return lines.join('\n');
}
