// `entitlementctl issuances restore <file>`: rows of the ledger, from the lines of the log that say what they would have held.
import type { Command } from 'commander';
import { JsonError, parseJson } from '@app/platform/http';
import { DatabaseEnvironment } from '../environment/database.js';
import { LedgerWriter, type RestoredRow } from '../ledger/ledger-writer.repository.js';
import { readUnwritten, UNWRITTEN, type UnwrittenToken } from '../ledger/unwritten-token.js';
import { LINE_LIMIT_BYTES, LineSplitter, type RawLine } from '../purchases/import/import-lines.js';
import { type Action, type Context, examples, withDatabase } from './context.js';
import { sourceOf } from './import/import-lines.js';
import { CommandError, EXIT } from './terminal/exit-codes.js';

export function restoreCommand(parent: Command, action: Action): void {
  parent
    .command('restore')
    .summary('write the rows of tokens that were bought and could not be written')
    .description(
      `Reads lines of the service's log and writes the row of each that says: ${UNWRITTEN}. Other lines are left out. All rows ` +
        'are written, or none; those that are in the ledger are left, so it can be run again. It starts no clock: nobody was ' +
        'given these tokens. Exit code 1 when a line cannot be read: then nothing is written.',
    )
    .argument('<file>', 'the log (JSON, one object a line), or - for the standard input')
    .addHelpText(
      'after',
      examples(
        'entitlementctl issuances restore entitlement.log',
        'kubectl logs -l app.kubernetes.io/name=entitlement --tail=-1 | entitlementctl issuances restore -',
      ),
    )
    .action(action(restore));
}

async function restore(context: Context, file: string): Promise<number> {
  const settings = context.settings(DatabaseEnvironment, context.serviceVariables());
  const tokens = await context.unlessInterrupted(tokensOf(await sourceOf(file, context.surroundings.stdin)));
  const session = { timeoutMs: 30_000, poolSize: 1, writable: true };
  const rows =
    tokens.length === 0
      ? []
      : await withDatabase(settings, session, (prisma) => new LedgerWriter(prisma).restore(tokens));
  const found = tokens.map(({ id, userId, contentId }, index) => ({
    id,
    userId,
    contentId,
    ...(rows[index] as RestoredRow),
  }));
  context.terminal.result({ tokens: found }, () => restoredText(found));
  return EXIT.ok;
}

/** @throws CommandError that names every line that is to be restored and cannot be read */
async function tokensOf(source: AsyncIterable<Uint8Array>): Promise<UnwrittenToken[]> {
  const tokens: UnwrittenToken[] = [];
  const problems: string[] = [];
  let number = 0;
  for await (const raw of linesOf(source)) {
    number += 1;
    const read = readLine(raw);
    if (typeof read === 'string') problems.push(`line ${number}: ${read}`);
    else if (read !== undefined) tokens.push(read);
  }
  if (problems.length === 0) return tokens;
  throw new CommandError(
    EXIT.no,
    [...problems, 'Nothing was written: correct these lines, or leave them out.'].join('\n'),
  );
}

async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<RawLine> {
  const splitter = new LineSplitter(LINE_LIMIT_BYTES);
  for await (const chunk of source) yield* splitter.push(Buffer.from(chunk));
  const rest = splitter.end();
  if (rest !== undefined) yield rest;
}

/** The token of a line, what is wrong with it, or undefined for a line about something else. */
function readLine(raw: RawLine): UnwrittenToken | string | undefined {
  if (raw === 'too-long' || !raw.includes(UNWRITTEN)) return undefined;
  try {
    const line = parseJson(raw);
    if (typeof line !== 'object' || line === null) return 'must be a JSON object';
    if (!('msg' in line) || line.msg !== UNWRITTEN) return undefined;
    const read = readUnwritten(line);
    return Array.isArray(read) ? read.map(({ field, message }) => `${field} ${message}`).join('; ') : read;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return [error.field, error.message].filter(Boolean).join(' ');
  }
}

type Found = Pick<UnwrittenToken, 'id' | 'userId' | 'contentId'> & RestoredRow;

function restoredText(found: readonly Found[]): string {
  if (found.length === 0) return 'No line says that a token was bought and could not be written.';
  const written = found.filter((row) => row.written).length;
  const notes = found.flatMap(({ id, userId, contentId, written: isNew, decision, firstPlay }) => {
    if (isNew) return [];
    const clock = firstPlay
      ? `, and has started the clock of ${userId}'s rental of ${contentId}: take the first play back`
      : '';
    return [`${id} was there already (${decision})${clock}.`];
  });
  return [...notes, `${written} row(s) written, ${found.length - written} there already.`].join('\n');
}
