import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { followingLines, ndjson } from './import-source.js';

/** A text in chunks of three bytes. */
const inChunks = (text: string) => Readable.from((text.match(/[^]{1,3}/g) ?? []).map((chunk) => Buffer.from(chunk)));

async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts).toString();
}

const following = (text: string, lines: number) => textOf(followingLines(inChunks(text), lines));

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

describe('ndjson', () => {
  it.each([
    '',
    '\n\n',
    '{"externalId":"one, two"}\n{}',
    '\ufeff \n {"a":1}',
    // Lines that are refused one by one.
    'nonsense\n{"a":1}\n',
    `{"long":"${'x'.repeat(10_000)}`,
  ])('passes %j on', async (text) => {
    expect(await textOf(ndjson(inChunks(text)))).toBe(text);
  });

  it.each([
    ['externalId,userId,contentId\norder-1,frank,sintel\n', 'CSV'],
    ['"externalId";"userId"', 'CSV'],
    ['\ufefforder-1\tfrank', 'CSV'],
    ['[\n  {"externalId":"order-1"}\n]', 'one JSON array'],
  ])('%j is %s, and wrong usage', async (text, form) => {
    await expect(textOf(ndjson(inChunks(text)))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(`^This looks like ${form}; .*one JSON object a line: see docs/admin-api.md`),
    });
  });
});
