// Cuts a stream of bytes into lines, holding no more than one unfinished line, and of that no more than a limit.

/** The bytes of a line without its end, or that there were too many of them. */
export type RawLine = Buffer | 'too-long';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Lines end with LF or CRLF; the last one may end with the stream. */
export class LineSplitter {
  #parts: Buffer[] = [];
  #length = 0;

  /** @param limit most bytes of a line */
  constructor(private readonly limit: number) {}

  /** The lines that these bytes complete. */
  push(bytes: Buffer): RawLine[] {
    const lines: RawLine[] = [];
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      this.#keep(bytes.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start));
    return lines;
  }

  /** What came after the last line's end, if anything did. */
  end(): RawLine | undefined {
    return this.#length === 0 ? undefined : this.#take();
  }

  /** Bytes of the unfinished line that are kept. */
  get held(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0);
  }

  #keep(bytes: Buffer): void {
    this.#length += bytes.length;
    // CRLF's first byte does not count, so there is room for it.
    if (this.#length > this.limit + 1) this.#parts = [];
    else this.#parts.push(bytes);
  }

  #take(): RawLine {
    const whole = this.#length <= this.limit + 1;
    const [first, ...rest] = this.#parts;
    const line = first !== undefined && rest.length === 0 ? first : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    if (!whole) return 'too-long';
    const text = line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
    return text.length > this.limit ? 'too-long' : text;
  }
}
