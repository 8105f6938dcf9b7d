// The few colours that a terminal is asked for.

/** What a text is. */
export type Style = 'good' | 'doubtful' | 'bad' | 'faint' | 'strong';

const CODES: Record<Style, readonly [begin: number, end: number]> = {
  good: [32, 39],
  doubtful: [33, 39],
  bad: [31, 39],
  faint: [2, 22],
  strong: [1, 22],
};

/** The text in a style, as ANSI escape sequences. */
export function styled(style: Style, text: string): string {
  const [begin, end] = CODES[style];
  return `\u001b[${begin}m${text}\u001b[${end}m`;
}
