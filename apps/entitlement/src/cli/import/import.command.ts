// `entitlementctl import <file> --url <service>`: purchases of the store, line by line.
import type { Command } from 'commander';
import { type Action, type Context, examples } from '../context.js';
import { EXIT, InterruptedError, usageError } from '../terminal/exit-codes.js';
import type { ImportSummary, RefusedLine } from '../../purchases/purchases.dto.js';
import { printableLine } from '../terminal/terminal.js';
import { lengthText, integerOption } from '../terminal/values.js';
import { bearerOf } from './bearer.js';
import { importSource, lineCount, RejectedFile, SentLines } from './import-lines.js';
import { type ImportOutcome, importPurchases } from './import-purchases.js';

interface Options {
  url: string;
  tokenFile?: string;
  firstLine: string;
  rejected?: string;
  dryRun?: boolean;
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
    .option('--rejected <file>', 'write the refused lines into a new file, to be corrected and sent again')
    .option('--dry-run', 'have everything checked as if it were written, and nothing written')
    .addHelpText(
      'after',
      examples(
        'entitlementctl import orders.ndjson --url http://127.0.0.1:3001 --token-file store.token',
        'entitlementctl import orders.ndjson --url http://127.0.0.1:3001 --dry-run --rejected rejected.ndjson',
        'zcat orders.ndjson.gz | entitlementctl import - --url http://127.0.0.1:3001',
        'entitlementctl import orders.ndjson --url http://127.0.0.1:3001 --first-line 48001',
      ),
    )
    .action(action(importFile));
}

async function importFile(context: Context, file: string, options: Options): Promise<number> {
  const { terminal, surroundings } = context;
  const url = urlOption(options.url);
  const firstLine = integerOption('--first-line', options.firstLine, 1, MOST_LINES);
  const bearer = await bearerOf(context, options.tokenFile);
  const source = await importSource(file, surroundings.stdin, firstLine);
  const total = terminal.showsProgress ? await lineCount(file) : undefined;
  const rejected = options.rejected === undefined ? undefined : new RejectedFile(options.rejected);
  const sent = new SentLines(firstLine);
  const began = context.now();
  const faults = new Faults();
  const refused: Omit<RefusedLine, 'outcome'>[] = [];
  let refusedCount = 0;
  try {
    const outcome = await importPurchases({
      url,
      bearer,
      lines: rejected === undefined ? source : sent.watch(source),
      firstLine,
      dryRun: options.dryRun === true,
      signal: surroundings.signal,
      now: began,
      onProgress: (lastLine) => {
        sent.take(lastLine);
        const seconds = (context.now().getTime() - began.getTime()) / 1000;
        const done = lastLine - firstLine + 1;
        terminal.progress(progressText({ lastLine, done, refused: refusedCount, total, seconds }));
      },
      onRefused: (line) => {
        refusedCount += 1;
        faults.add(line);
        rejected?.add(sent.take(line.line));
        if (refused.length < MOST_LISTED) refused.push(line);
      },
    });
    const document = { ...outcome, faults: faults.list, refused, refusedNotListed: refusedCount - refused.length };
    const summary = 'summary' in outcome ? [summaryText(outcome.summary)] : [];
    terminal.result(document, () => [...faultsText(faults), ...summary].join('\n'));
    if (rejected !== undefined && rejected.lines > 0) {
      terminal.note(`${rejected.lines} of ${refusedCount} refused lines are in ${options.rejected}.`);
    }
    return reportEnd(context, outcome, file, options.dryRun === true);
  } finally {
    rejected?.close();
  }
}

function urlOption(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw usageError('--url takes an http or https URL without user and password, such as http://127.0.0.1:3001.');
  }
  return url;
}

function reportEnd({ terminal, surroundings }: Context, outcome: ImportOutcome, file: string, dryRun: boolean): number {
  if ('summary' in outcome && outcome.summary.complete) return outcome.summary.errors === 0 ? EXIT.ok : EXIT.no;
  const [why, lastLine] =
    'summary' in outcome
      ? [outcome.summary.reason ?? 'unknown', outcome.summary.lastLine]
      : [outcome.brokenOff, outcome.lastLine];
  const again = file === '-' ? 'send what follows it' : `run it again with --first-line ${lastLine + 1}`;
  const done = dryRun ? 'checked' : 'done';
  terminal.note(`The import has not ended (${why}). Everything up to line ${lastLine} is ${done}: ${again}.`);
  const { reason } = surroundings.signal as { reason: unknown };
  return reason instanceof InterruptedError ? reason.exitCode : EXIT.unavailable;
}

interface Fault {
  message: string;
  count: number;
  lines: number[];
}

const MOST_FAULTS = 1000;
const FIRST_LINES = 5;

/** Counts equal faults, in the order in which they are first met. */
export class Faults {
  readonly #faults = new Map<string, Fault>();
  /** Faults of further kinds, of which there are too many to be told apart. */
  others = 0;

  add({ line, errors }: Pick<RefusedLine, 'line' | 'errors'>): void {
    for (const { field, message: said } of errors) {
      const message = field === '' ? said : `${field}: ${said}`;
      const fault = this.#faults.get(message);
      if (fault !== undefined) {
        fault.count += 1;
        if (fault.lines.length < FIRST_LINES) fault.lines.push(line);
      } else if (this.#faults.size < MOST_FAULTS) {
        this.#faults.set(message, { message, count: 1, lines: [line] });
      } else {
        this.others += 1;
      }
    }
  }

  get list(): Fault[] {
    return [...this.#faults.values()];
  }
}

export function faultsText({ list, others }: Faults): string[] {
  const texts = list.map(({ message, count, lines }) => {
    const more = count > lines.length ? ` and ${count - lines.length} more` : '';
    return printableLine(`line${count > 1 ? 's' : ''} ${lines.join(', ')}${more}: ${message}`);
  });
  return others === 0 ? texts : [...texts, `... and ${others} more faults of other kinds`];
}

function summaryText({ dryRun, ...summary }: ImportSummary): string {
  const { lines, created, updated, unchanged, stale, errors } = summary;
  const text = `${lines} lines: ${created} created, ${updated} updated, ${unchanged} unchanged, ${stale} stale, ${errors} refused.`;
  return dryRun === true ? `A dry run, nothing was written. ${text}` : text;
}

interface ImportProgress {
  /** The last line that is done, and how many were done in this run. */
  lastLine: number;
  done: number;
  refused: number;
  /** The number of the last line of all, where it is known. */
  total: number | undefined;
  seconds: number;
}

/** @returns such as `line 2000 of 8000 (25 %), 1000 a second, 6 s left, 3 refused` */
export function progressText({ lastLine, done, refused, total, seconds }: ImportProgress): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const percent = total === 0 ? 100 : Math.floor((100 * lastLine) / (total ?? NaN));
  const parts = [
    total === undefined ? `line ${lastLine}` : `line ${lastLine} of ${total} (${percent} %)`,
    ...(rate > 0 ? [`${Math.round(rate)} a second`] : []),
    ...(rate > 0 && total !== undefined ? [`${lengthText(Math.ceil((total - lastLine) / rate))} left`] : []),
    `${refused} refused`,
  ];
  return parts.join(', ');
}
