// What a command writes: one result on the standard output, and everything that is said meanwhile on the standard error.
import { printable } from './printable.js';
import { styled, type Style } from './style.js';

/** Takes text, as the standard output and the standard error do. */
export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** How to write. */
export interface TerminalOptions {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /** A JSON document in place of text for people. */
  readonly json: boolean;
  /** Never colour (`NO_COLOR`). */
  readonly plain: boolean;
}

const CLEAR_LINE = '\r\u001b[K';

export class Terminal {
  readonly #options: TerminalOptions;
  #progressShown = false;

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  /** Whether the result is a JSON document. */
  get json(): boolean {
    return this.#options.json;
  }

  /** Writes the result: the document as JSON, or the text for people, if any, made only when it is wanted. */
  result(document: unknown, text: () => string): void {
    const { json, stdout } = this.#options;
    const result = json ? JSON.stringify(document, null, 2) : text();
    if (result !== '') stdout.write(`${printable(result)}\n`);
  }

  /** Says something to whoever watches. */
  note(text: string): void {
    this.endProgress();
    this.#options.stderr.write(`${printable(text)}\n`);
  }

  /** Whether somebody watches long work. */
  get showsProgress(): boolean {
    return this.#options.stderr.isTTY === true;
  }

  /** Shows how far long work has come, over the line before; only on a terminal. */
  progress(text: string): void {
    if (!this.showsProgress) return;
    this.#options.stderr.write(`${CLEAR_LINE}${text}`);
    this.#progressShown = true;
  }

  /** Takes the line of progress away. */
  endProgress(): void {
    if (!this.#progressShown) return;
    this.#progressShown = false;
    this.#options.stderr.write(CLEAR_LINE);
  }

  /** A text of the result in a style, if the standard output shows any. */
  style(style: Style, text: string): string {
    const { stdout, plain } = this.#options;
    return stdout.isTTY === true && !plain ? styled(style, text) : text;
  }
}
