// `entitlementctl keys push | pull`, and `keys list --key-storage`: ExpressPlay's key storage.
import type { Command } from 'commander';
import { KeyStorageClient } from '@app/expressplay';
import { accountApiOptions, answerOf } from '../account-api.js';
import { type Action, type Context, examples } from '../context.js';
import { EXIT, usageError } from '../terminal/exit-codes.js';
import { table } from '../terminal/terminal.js';
import {
  compareStorage,
  pullKeys,
  pushKeys,
  type StorageReport,
  type Transfer,
  type TransferRefusal,
  type TransferReport,
} from './key-storage.js';
import { KeyStorageEnvironment, withKeys } from './with-keys.js';

export function keyStorageCommands(keys: Command, action: Action): void {
  keys
    .command('push')
    .summary("store the catalogue's keys in ExpressPlay's key storage")
    .description(
      "Stores the wrapped content keys of the catalogue, or of some titles, in ExpressPlay's key storage. Keys go as they are " +
        'wrapped here; no KEK and no clear key is sent. A key that is there is left when it is the same, and when it is another ' +
        'one. The catalogue is not changed. It can be interrupted and run again. Exit code 1 when keys were left.',
    )
    .argument('[contentId...]', 'the titles (default: all)')
    .option('--dry-run', 'compare, and store nothing')
    .addHelpText(
      'after',
      examples('entitlementctl keys push --dry-run', 'entitlementctl keys push sintel tears-of-steel'),
    )
    .action(action(push));
  keys
    .command('pull')
    .summary("take keys of ExpressPlay's key storage into the catalogue")
    .description(
      "Takes keys of ExpressPlay's key storage into the catalogue, for those KIDs of titles that have no wrapped key there: from " +
        'then on the key goes with each token request. A KEK of CONTENT_KEY_KEKS has to unwrap them. A key that the catalogue has ' +
        'is never replaced. It can be interrupted and run again. Exit code 1 when keys were left or are nowhere.',
    )
    .argument('[contentId...]', 'the titles (default: all)')
    .option('--dry-run', 'compare, and write nothing')
    .addHelpText('after', examples('entitlementctl keys pull --dry-run', 'entitlementctl keys pull sintel'))
    .action(action(pull));
}

interface Options {
  dryRun?: boolean;
}

async function push(context: Context, contentIds: string[], { dryRun = false }: Options): Promise<number> {
  const report = await move(context, { contentIds, dryRun, readOnly: true }, pushKeys);
  const { moved, ...others } = report;
  context.terminal.result({ dryRun, pushed: moved, ...others }, () => pushText(report, dryRun));
  return report.refused.length === 0 ? EXIT.ok : EXIT.no;
}

async function pull(context: Context, contentIds: string[], { dryRun = false }: Options): Promise<number> {
  const report = await move(context, { contentIds, dryRun, readOnly: dryRun }, pullKeys);
  const { moved, ...others } = report;
  context.terminal.result({ dryRun, pulled: moved, ...others }, () => pullText(report, dryRun));
  return report.refused.length + report.missing.length === 0 ? EXIT.ok : EXIT.no;
}

/** `keys list --key-storage`. */
export async function listStored(context: Context): Promise<number> {
  const report = await context.unlessInterrupted(
    withStorage(context, true, ({ rows, keks, storage }) => compareStorage(rows, keks, storage)),
  );
  context.terminal.result(report, () => storageText(report));
  return report.missing.some(({ needed }) => needed) ? EXIT.no : EXIT.ok;
}

function move(
  context: Context,
  { readOnly, ...options }: Pick<Transfer, 'contentIds' | 'dryRun'> & { readOnly: boolean },
  work: (transfer: Transfer) => Promise<TransferReport>,
): Promise<TransferReport> {
  return withStorage(context, readOnly, async (parts) => {
    const unknown = await parts.rows.unknownContents(options.contentIds);
    if (unknown.length > 0) throw usageError(`The catalogue does not have ${unknown.join(', ')}.`);
    return work({ ...parts, ...options, checkpoint: (progress) => context.checkpoint(progress) });
  });
}

async function withStorage<T>(
  context: Context,
  readOnly: boolean,
  work: (parts: Pick<Transfer, 'rows' | 'keks'> & { storage: KeyStorageClient }) => Promise<T>,
): Promise<T> {
  const settings = context.settings(KeyStorageEnvironment, context.serviceVariables());
  const storage = new KeyStorageClient(accountApiOptions(settings));
  try {
    return await answerOf(withKeys(settings, readOnly, (rows, keks) => work({ rows, keks, storage })));
  } finally {
    await storage.close();
  }
}

const MOST_LISTED = 20;

function pushText({ moved, unchanged, missing, refused }: TransferReport, dryRun: boolean): string {
  return [
    dryRun
      ? `A dry run: ${moved} content key(s) would be stored, ${unchanged} are there. Nothing was changed.`
      : `${moved} content key(s) were stored, ${unchanged} were there.`,
    ...namedText('the catalogue has no key, and the key storage neither', missing),
    ...refusalsText(refused),
  ].join('\n');
}

function pullText({ moved, unchanged, missing, refused }: TransferReport, dryRun: boolean): string {
  return [
    dryRun
      ? `A dry run: ${moved} content key(s) would be taken into the catalogue, ${unchanged} need none. Nothing was changed.`
      : `${moved} content key(s) were taken into the catalogue, ${unchanged} needed none.`,
    ...namedText('neither the catalogue nor the key storage has its key', missing),
    ...refusalsText(refused),
  ].join('\n');
}

const REFUSALS: Record<TransferRefusal, string> = {
  'unknown-kek': "the catalogue's key needs a KEK that is not among CONTENT_KEY_KEKS",
  'wrong-kek': "its KEK of CONTENT_KEY_KEKS does not unwrap the catalogue's key",
  'stored-unreadable': 'no KEK of CONTENT_KEY_KEKS unwraps the key in the key storage',
  'other-key': 'the catalogue and the key storage have different keys under this KID',
  changed: 'the catalogue was changed meanwhile: run it again',
};

function refusalsText(refused: TransferReport['refused']): string[] {
  const lines = refused
    .slice(0, MOST_LISTED)
    .map(({ contentId, kid, reason }) => `${contentId} (${kid}): ${REFUSALS[reason]}`);
  return [...lines, ...more(refused), ...(refused.length === 0 ? [] : [`${refused.length} content key(s) were left.`])];
}

function namedText(what: string, keys: TransferReport['missing']): string[] {
  return [...keys.slice(0, MOST_LISTED).map(({ contentId, kid }) => `${contentId} (${kid}): ${what}`), ...more(keys)];
}

function more(list: readonly unknown[]): string[] {
  return list.length <= MOST_LISTED ? [] : [`... and ${list.length - MOST_LISTED} more (all of them with --json)`];
}

function storageText({ stored, missing }: StorageReport): string {
  const rows = stored.map(({ kid, kekId, unwrapsUnder, contentId, lastUpdate }) => [
    kid,
    contentId ?? '-',
    kekId ?? '-',
    unwrapsUnder ?? 'NO',
    lastUpdate ?? '-',
  ]);
  const needed = missing.filter((one) => one.needed);
  return [
    stored.length === 0
      ? 'The key storage is empty.'
      : table(['KID', 'TITLE', 'KEK', 'UNWRAPS UNDER', 'LAST UPDATE'], rows),
    `${missing.length} content key(s) of the catalogue are not there.`,
    ...namedText('it is nowhere else, so the title cannot be played', needed),
  ].join('\n');
}
