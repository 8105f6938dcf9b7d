// The lines that the service refused, as they were: a file that can be corrected and sent again.
import { appendFileSync, closeSync, openSync, rmSync } from 'node:fs';
import { LINE_LIMIT_BYTES } from '../../purchases/import/import-line.js';
import { LineSplitter, type RawLine } from '../../purchases/import/line-splitter.js';
import { unavailable, usageError } from '../terminal/exit-codes.js';

/** Lines on their way. They are cut and counted as the service does it, which reads little more than it has reported. */
export class SentLines {
  readonly #splitter = new LineSplitter(LINE_LIMIT_BYTES);
  readonly #lines: RawLine[] = [];
  #first: number;

  /** @param firstLine the number of the first line, from 1 */
  constructor(firstLine: number) {
    this.#first = firstLine;
  }

  /** Passes lines on, and remembers them. */
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

  /** How many lines are in it. */
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
