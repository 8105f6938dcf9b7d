// Where an import's lines come from: a file or the standard input, from a line on, and of the form that is taken.
import { appendFileSync, closeSync, createReadStream, openSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { LINE_LIMIT_BYTES, LineSplitter, type RawLine } from '../../purchases/import/import-lines.js';
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
  const opened = await sourceOf(file, stdin);
  // Of an import that goes on, the first line that is sent may be any that is refused.
  return firstLine === 1 ? ndjson(opened) : followingLines(opened, firstLine - 1);
}

/**
 * What is in a file, `-` for the standard input; opened when it is wanted.
 * @throws CommandError now (usage) when there is no such file, and while it is read
 */
export async function sourceOf(file: string, stdin: Source): Promise<Source> {
  if (file === '-') return readable('The standard input', () => stdin);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw usageError(`${file}: there is no such file, or it cannot be read.`);
  if (found.isDirectory()) throw usageError(`${file} is a folder.`);
  return readable(file, () => createReadStream(file));
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
  let begin = Buffer.alloc(0);
  let looked = false;
  for await (const chunk of source) {
    if (looked) {
      yield chunk;
      continue;
    }
    begin = Buffer.concat([begin, chunk]);
    looked = begin.length >= FORM_BYTES || begin.toString().trimStart().includes('\n');
    if (!looked) continue;
    assertForm(begin);
    yield begin;
  }
  if (looked || begin.length === 0) return;
  assertForm(begin);
  yield begin;
}

function assertForm(begin: Buffer): void {
  const [firstLine = ''] = begin.toString().trimStart().split('\n', 1);
  const isCsv = /^[^{].*[,;\t]/.test(firstLine);
  const form = firstLine.startsWith('[') ? 'one JSON array' : isCsv ? 'CSV' : undefined;
  if (form === undefined) return;
  throw usageError(
    `This looks like ${form}; the import takes NDJSON, one JSON object a line: see docs/admin-api.md, "Batches". ` +
      'Nothing was sent.',
  );
}

/** Lines on their way. They are cut and counted as the service does it, which reads little more than it has reported. */
export class SentLines {
  readonly #splitter = new LineSplitter(LINE_LIMIT_BYTES);
  readonly #lines: RawLine[] = [];
  #first: number;

  constructor(firstLine: number) {
    this.#first = firstLine;
  }

  async *watch(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      for (const line of this.#splitter.push(Buffer.from(chunk))) this.#lines.push(line);
      yield chunk;
    }
    const rest = this.#splitter.end();
    if (rest !== undefined) this.#lines.push(rest);
  }

  /** A line that is reported; it and those before it are forgotten. */
  take(line: number): RawLine | undefined {
    const reported = this.#lines.splice(0, line - this.#first + 1);
    this.#first += reported.length;
    return reported.at(-1);
  }
}

/** Is there as soon as it is made, so that it is not found out at the end that it cannot be written. */
export class RejectedFile {
  readonly #file: number;
  #lines = 0;

  /** @throws CommandError (usage) when there is such a file already: what is in it may be needed */
  constructor(private readonly path: string) {
    try {
      this.#file = openSync(path, 'wx');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === 'EEXIST' ? 'there is such a file already; name another one' : `cannot be written (${code})`;
      throw usageError(`--rejected ${path}: ${why}.`);
    }
  }

  get lines(): number {
    return this.#lines;
  }

  /** Adds a line; of one that is too long nothing was kept. @throws CommandError when it cannot be written */
  add(line: RawLine | undefined): void {
    if (!Buffer.isBuffer(line)) return;
    try {
      appendFileSync(this.#file, Buffer.concat([line, Buffer.from('\n')]));
    } catch (error) {
      throw unavailable(`--rejected ${this.path}: cannot be written (${(error as NodeJS.ErrnoException).code}).`);
    }
    this.#lines += 1;
  }

  /** Without lines there is no such file in the end. */
  close(): void {
    closeSync(this.#file);
    if (this.#lines === 0) rmSync(this.path);
  }
}
