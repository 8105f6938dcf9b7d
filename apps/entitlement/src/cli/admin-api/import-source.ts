// Where an import's lines come from: a file or the standard input, from a line on, and of the form that is taken.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { unavailable, usageError } from '../terminal/exit-codes.js';

type Source = AsyncIterable<Uint8Array>;

const LINE_FEED = 0x0a;
/** Enough of a first line to see what it is. */
const FORM_BYTES = 4096;

/**
 * The lines of a file, `-` for the standard input, from `firstLine` on; opened when they are wanted.
 * @throws CommandError now (usage) when there is no such file, and while they are read
 */
export async function importSource(file: string, stdin: Source, firstLine: number): Promise<Source> {
  const opened = file === '-' ? readable('The standard input', () => stdin) : await readableFile(file);
  // Of an import that goes on, the first line that is sent may be any that is refused.
  return firstLine === 1 ? ndjson(opened) : followingLines(opened, firstLine - 1);
}

/** How many lines a file has; undefined where that cannot be known before they are sent. */
export async function lineCount(file: string): Promise<number | undefined> {
  const found = file === '-' ? undefined : await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  let count = 0;
  let last = LINE_FEED;
  for await (const chunk of readable(file, () => createReadStream(file))) {
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, at + 1)) count += 1;
    last = chunk.at(-1) ?? last;
  }
  return last === LINE_FEED ? count : count + 1;
}

async function readableFile(file: string): Promise<Source> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw usageError(`${file}: there is no such file, or it cannot be read.`);
  if (found.isDirectory()) throw usageError(`${file} is a folder.`);
  return readable(file, () => createReadStream(file));
}

/** Its errors say what could not be read, and are not taken for the service's. */
async function* readable(name: string, open: () => Source): AsyncGenerator<Uint8Array> {
  try {
    yield* open();
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw unavailable(`${name} cannot be read any further (${code}).`);
  }
}

/**
 * Passes on what follows the first `lines` lines, which is nothing when there are no more.
 * @throws CommandError (usage) when there are fewer
 */
export async function* followingLines(source: Source, lines: number): AsyncGenerator<Uint8Array> {
  let left = lines;
  let inLine = false;
  for await (const chunk of source) {
    let from = 0;
    while (left > 0) {
      const end = chunk.indexOf(LINE_FEED, from);
      if (end === -1) break;
      from = end + 1;
      left -= 1;
    }
    if (left === 0 && from < chunk.length) yield chunk.subarray(from);
    if (chunk.length > 0) inLine = chunk.at(-1) !== LINE_FEED;
  }
  // The last line may do without a line feed.
  if (left > (inLine ? 1 : 0)) {
    const count = lines - left + (inLine ? 1 : 0);
    throw usageError(`--first-line ${lines + 1}: there are only ${count} lines.`);
  }
}

/**
 * Passes everything on, unless its first line shows that no line of it would be taken.
 * @throws CommandError (usage)
 */
export async function* ndjson(source: Source): AsyncGenerator<Uint8Array> {
  let begin: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of source) {
    if (begin === undefined) {
      yield chunk;
      continue;
    }
    begin = Buffer.concat([begin, chunk]);
    if (begin.length < FORM_BYTES && !begin.toString().trimStart().includes('\n')) continue;
    assertForm(begin);
    yield begin;
    begin = undefined;
  }
  if (begin === undefined || begin.length === 0) return;
  assertForm(begin);
  yield begin;
}

function assertForm(begin: Buffer): void {
  const form = otherForm(begin.toString().trimStart().split('\n', 1)[0] ?? '');
  if (form === undefined) return;
  throw usageError(
    `This looks like ${form}; the import takes NDJSON, one JSON object a line: see docs/admin-api.md, "Batches". ` +
      'Nothing was sent.',
  );
}

function otherForm(firstLine: string): string | undefined {
  if (firstLine.startsWith('[')) return 'one JSON array';
  return /^[^{].*[,;\t]/.test(firstLine) ? 'CSV' : undefined;
}
