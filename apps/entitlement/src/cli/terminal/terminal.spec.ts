import { describe, expect, it } from 'vitest';
import { printable, printableLine, styled, table, Terminal } from './terminal.js';

const HOSTILE = 'a\u001b]0;title\u0007\u001b[2J\u009b1A\rb\u007f';
const HARMLESS = 'a\\u001b]0;title\\u0007\\u001b[2J\\u009b1A\\u000db\\u007f';

function written(json: boolean, document: unknown, text: string): { stdout: string; stderr: string } {
  const texts = { stdout: '', stderr: '' };
  const stdout = { write: (part: string) => (texts.stdout += part), isTTY: true };
  const stderr = { write: (part: string) => (texts.stderr += part) };
  const terminal = new Terminal({ stdout, stderr, json, plain: false });
  terminal.result(document, () => text);
  terminal.note(text);
  return texts;
}

describe('what others have written', () => {
  it('does not steer the terminal, and leaves the colours', () => {
    const coloured = (['good', 'doubtful', 'bad', 'faint', 'strong'] as const).map((style) => styled(style, 'text'));
    const own = `${coloured.join('\n')}\n`;
    expect(printable(`${own}${HOSTILE}`)).toBe(`${own}${HARMLESS}`);
    expect(written(false, {}, HOSTILE)).toEqual({ stdout: `${HARMLESS}\n`, stderr: `${HARMLESS}\n` });
  });

  it('is the same in a JSON document', () => {
    const { stdout } = written(true, { text: HOSTILE }, '');
    expect(stdout).toMatch(/^[\n -~]+$/);
    expect(JSON.parse(stdout)).toEqual({ text: HOSTILE });
  });

  it('makes no lines and no colours of its own in a table', () => {
    expect(printableLine('a\n\u001b[31mb')).toBe('a\\u000a\\u001b[31mb');
    expect(table(['A', 'B'], [['x\ny', 'z']])).toBe('A         B\nx\\u000ay  z');
  });
});
