import { expect, it } from 'vitest';
import { readImportLine } from './import-line.js';

it.each(['', ' \t', '\u{FEFF}'])('a blank line, %j, costs next to nothing: a body may be full of them', (text) => {
  const line = Buffer.from(text);
  const started = performance.now();
  let read = 0;
  for (let count = 0; count < 300_000; count += 1) if (readImportLine(line) !== undefined) read += 1;
  expect(read).toBe(0);
  expect(performance.now() - started).toBeLessThan(1500);
});
