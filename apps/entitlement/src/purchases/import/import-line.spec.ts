import { expect, it, vi } from 'vitest';
import { readImportLine } from './import-line.js';

it.each(['', ' \t', '\u{FEFF}'])('a blank line, %j, is not parsed: a body may be full of them', (text) => {
  const parse = vi.spyOn(JSON, 'parse');
  expect(readImportLine(Buffer.from(text))).toBeUndefined();
  expect(parse).not.toHaveBeenCalled();
  parse.mockRestore();
});
