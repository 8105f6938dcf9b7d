import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { followingLines } from './following-lines.js';

/** What follows, of a text that comes in chunks of three bytes. */
async function following(text: string, lines: number): Promise<string> {
  const chunks = text.match(/[^]{1,3}/g) ?? [];
  const parts: Uint8Array[] = [];
  for await (const part of followingLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), lines)) {
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

describe('followingLines', () => {
  it.each([
    ['one\ntwo\nthree\n', 0, 'one\ntwo\nthree\n'],
    ['one\ntwo\nthree\n', 2, 'three\n'],
    ['one\ntwo\nthree', 2, 'three'],
    ['\n\nthree', 2, 'three'],
    // An import that was broken off after its last line goes on with none.
    ['one\ntwo\n', 2, ''],
    ['one\ntwo', 2, ''],
    ['', 0, ''],
  ])('of %j after %i: %j', async (text, lines, rest) => {
    expect(await following(text, lines)).toBe(rest);
  });

  it.each([
    ['one\ntwo\n', 3, 'there are only 2 lines'],
    ['one\ntwo', 3, 'there are only 2 lines'],
    ['', 1, 'there are only 0 lines'],
  ])('of %j after %i is wrong usage', async (text, lines, message) => {
    await expect(following(text, lines)).rejects.toMatchObject({
      exitCode: 2,
      message: `--first-line ${lines + 1}: ${message}.`,
    });
  });
});
