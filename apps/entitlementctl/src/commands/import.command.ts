// `entitlementctl import <file> --url <service>`: purchases of the store, line by line.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { bearerOf } from '../admin-api/bearer.js';
import { followingLines } from '../admin-api/following-lines.js';
import { importPurchases, type ImportOutcome, type RefusedLine } from '../admin-api/import-purchases.js';
import type { Context } from '../context.js';
import { EXIT, InterruptedError, unavailable, usageError } from '../terminal/exit-codes.js';
import { wholeNumberOption } from '../terminal/numbers.js';
import { printableLine } from '../terminal/printable.js';
import { examples, type Action } from './command-support.js';

interface Options {
  url: string;
  tokenFile?: string;
  firstLine: string;
}

const MOST_LINES = 999_999_999_999_999;
/** A document is held in memory as a whole. */
const MOST_LISTED = 10_000;

export function importCommand(parent: Command, action: Action): void {
  parent
    .command('import')
    .summary("send the store's purchases to the service")
    .description(
      'Sends purchases, one JSON object a line, to the admin API and reports the lines that were refused. Sending lines again ' +
        'does no harm. The bearer token, with the scope purchases:write, comes from ENTITLEMENT_BEARER_TOKEN, ' +
        'ENTITLEMENT_BEARER_TOKEN_FILE or --token-file. Exit code 1 when lines were refused, 3 when it is to be resumed.',
    )
    .argument('<file>', 'the file (NDJSON), or - for the standard input')
    .requiredOption('--url <service>', 'the service, on its management port, such as http://127.0.0.1:3001')
    .option('--token-file <file>', 'file that holds the bearer token')
    .option('--first-line <number>', 'go on with this line of the file: what was not reported before', '1')
    .addHelpText(
      'after',
      examples(
        'entitlementctl import orders.ndjson --url http://127.0.0.1:3001 --token-file store.token',
        'zcat orders.ndjson.gz | entitlementctl import - --url http://127.0.0.1:3001',
        'entitlementctl import orders.ndjson --url http://127.0.0.1:3001 --first-line 48001',
      ),
    )
    .action(action((context, [file], options) => importFile(context, file ?? '-', options as unknown as Options)));
}

async function importFile(
  context: Context,
  file: string,
  { url: text, tokenFile, firstLine: first }: Options,
): Promise<number> {
  const { terminal, surroundings } = context;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw usageError('--url takes an http or https URL without user and password, such as http://127.0.0.1:3001.');
  }
  const firstLine = wholeNumberOption('--first-line', first, 1, MOST_LINES);
  const bearer = await bearerOf(context, tokenFile);
  const refused: RefusedLine[] = [];
  let refusedCount = 0;
  const outcome = await importPurchases({
    url,
    bearer,
    lines: followingLines(await linesOf(file, surroundings.stdin), firstLine - 1),
    firstLine,
    signal: surroundings.signal,
    now: context.now(),
    onProgress: (lastLine) => terminal.progress(`line ${lastLine}, ${refusedCount} refused`),
    onRefused: (line) => {
      refusedCount += 1;
      if (refused.length < MOST_LISTED) refused.push(line);
    },
  });
  terminal.endProgress();
  terminal.result({ ...outcome, refused, refusedNotListed: refusedCount - refused.length }, () =>
    importText(outcome, refused, refusedCount),
  );
  return exitCodeOf(context, outcome, file);
}

async function linesOf(file: string, stdin: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  if (file === '-') return readable('The standard input', () => stdin);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw usageError(`${file}: there is no such file, or it cannot be read.`);
  if (found.isDirectory()) throw usageError(`${file} is a folder.`);
  return readable(file, () => createReadStream(file));
}

/** The source, opened when it is wanted. Its errors say what could not be read, and are not taken for the service's. */
async function* readable(name: string, open: () => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* open();
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw unavailable(`${name} cannot be read any further (${code}).`);
  }
}

function importText(outcome: ImportOutcome, refused: readonly RefusedLine[], refusedCount: number): string {
  const lines = refused.map(({ line, externalId, errors }) => {
    const what = errors.map(({ field, message }) => (field === '' ? message : `${field} ${message}`)).join('; ');
    return printableLine(`line ${line}${externalId === undefined ? '' : ` (${externalId})`}: ${what}`);
  });
  if (refusedCount > refused.length) lines.push(`... and ${refusedCount - refused.length} more`);
  if ('summary' in outcome) {
    const { lines: count, created, updated, unchanged, stale, errors } = outcome.summary;
    lines.push(
      `${count} lines: ${created} created, ${updated} updated, ${unchanged} unchanged, ${stale} stale, ${errors} refused.`,
    );
  }
  return lines.join('\n');
}

function exitCodeOf({ terminal, surroundings }: Context, outcome: ImportOutcome, file: string): number {
  if ('summary' in outcome && outcome.summary.complete) return outcome.summary.errors === 0 ? EXIT.ok : EXIT.no;
  const [why, lastLine] =
    'summary' in outcome
      ? [outcome.summary.reason ?? 'unknown', outcome.summary.lastLine]
      : [outcome.brokenOff, outcome.lastLine];
  const again = file === '-' ? 'send what follows it' : `run it again with --first-line ${lastLine + 1}`;
  terminal.note(`The import has not ended (${why}). Everything up to line ${lastLine} is done: ${again}.`);
  const { reason } = surroundings.signal as { reason: unknown };
  return reason instanceof InterruptedError ? reason.exitCode : EXIT.unavailable;
}
