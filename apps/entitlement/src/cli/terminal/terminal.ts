// What a command writes: one result on the standard output, and everything that is said meanwhile on the standard error.
import { styleText } from 'node:util';

export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

interface TerminalOptions {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly json: boolean;
  /** Never colour (`NO_COLOR`). */
  readonly plain: boolean;
}

const CLEAR_LINE = '\r\u001b[K';

export class Terminal {
  #progressShown = false;

  constructor(private readonly options: TerminalOptions) {}

  /** Writes the result: the document as JSON, or the text for people, if any, made only when it is wanted. */
  result(document: unknown, text: () => string): void {
    this.endProgress();
    const { json, stdout } = this.options;
    const result = json ? JSON.stringify(document, null, 2) : text();
    if (result !== '') stdout.write(`${printable(result)}\n`);
  }

  note(text: string): void {
    this.endProgress();
    this.options.stderr.write(`${printable(text)}\n`);
  }

  get showsProgress(): boolean {
    return this.options.stderr.isTTY === true;
  }

  /** Shows how far long work has come, over the line before; only on a terminal. */
  progress(text: string): void {
    if (!this.showsProgress) return;
    this.options.stderr.write(`${CLEAR_LINE}${text}`);
    this.#progressShown = true;
  }

  endProgress(): void {
    if (!this.#progressShown) return;
    this.#progressShown = false;
    this.options.stderr.write(CLEAR_LINE);
  }

  /** A text of the result in a style, if the standard output shows any. */
  style(style: Style, text: string): string {
    const { stdout, plain } = this.options;
    return stdout.isTTY === true && !plain ? styled(style, text) : text;
  }
}

const STYLES = { good: 'green', doubtful: 'yellow', bad: 'red', faint: 'dim', strong: 'bold' } as const;
export type Style = keyof typeof STYLES;

export function styled(style: Style, text: string): string {
  return styleText(STYLES[style], text, { validateStream: false });
}

// The styles above, which do no more than colour.
const OWN = '(?!\\u001b\\[(?:1|2|22|31|32|33|39)m)';
const CONTROL = new RegExp(`${OWN}[^\\P{Cc}\\n]`, 'gu');

/** The text with its control characters written out, such as `\u001b`; line feeds and this program's colours stay. */
export function printable(text: string): string {
  return text.replace(CONTROL, written);
}

/** The same for what is to stay on its line. */
export function printableLine(text: string): string {
  return text.replace(/\p{Cc}/gu, written);
}

/** As JSON writes it, so that a JSON document stays the same one. */
function written(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Rows below a head, columns two blanks apart. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map(printableLine));
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function indented(text: string, by = 2): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(by));
}
