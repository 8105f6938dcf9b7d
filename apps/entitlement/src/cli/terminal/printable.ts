// Keeps what others have written from steering the terminal that shows it.

// The styles of `style.ts`, which do no more than colour.
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
