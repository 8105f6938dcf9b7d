import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../terminal/exit-codes.js';
import { followingLines, ndjson, RejectedFile, SentLines } from './import-lines.js';
import { refusal } from './import-purchases.js';
import { Faults, faultsText, progressText } from './import.command.js';

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

describe('progressText', () => {
  const progress = { lastLine: 3000, done: 1000, refused: 2, total: 9000, seconds: 2 };
  it.each([
    [{}, 'line 3000 of 9000 (33 %), 500 a second, 12 s left, 2 refused'],
    [{ total: undefined }, 'line 3000, 500 a second, 2 refused'],
    // A clock that is set back meanwhile.
    [{ seconds: -1 }, 'line 3000 of 9000 (33 %), 2 refused'],
    [{ done: 0 }, 'line 3000 of 9000 (33 %), 2 refused'],
    [{ lastLine: 9000, seconds: 60 }, 'line 9000 of 9000 (100 %), 17 a second, 0 s left, 2 refused'],
  ])('with %j: %s', (more, text) => {
    expect(progressText({ ...progress, ...more })).toBe(text);
  });
});

describe('faults', () => {
  it('are counted by what is wrong, each of a line by itself', () => {
    const faults = new Faults();
    const version = { field: 'version', message: 'is wrong' };
    for (let line = 1; line <= 7; line += 1) faults.add({ line, errors: [version] });
    faults.add({ line: 8, errors: [{ field: '', message: 'is not valid\u001b JSON' }] });
    faults.add({ line: 9, errors: [{ field: 'userId', message: 'is wrong' }, version] });
    expect(faultsText(faults)).toEqual([
      'lines 1, 2, 3, 4, 5 and 3 more: version: is wrong',
      'line 8: is not valid\\u001b JSON',
      'line 9: userId: is wrong',
    ]);
  });

  it('of more kinds than can be listed are counted', () => {
    const faults = new Faults();
    for (let line = 1; line <= 1002; line += 1) {
      faults.add({ line, errors: [{ field: 'contentId', message: `content ${line} does not exist` }] });
    }
    const texts = faultsText(faults);
    expect([texts.length, texts.at(-1)]).toEqual([1001, '... and 2 more faults of other kinds']);
  });
});

const NOW = new Date('2026-11-21T10:00:00Z');
const problem = (code: string) => JSON.stringify({ code, detail: 'Said so.' });

it.each([
  [408, problem('request-timeout'), EXIT.unavailable, /request-timeout\): Said so\. Try again/],
  [429, problem('rate-limited'), EXIT.unavailable, /rate-limited\): Said so\. Try again/],
  [503, problem('overloaded'), EXIT.unavailable, /overloaded\): Said so\. Try again/],
  [502, '<html>', EXIT.unavailable, /http:\/\/127\.0\.0\.1\/ cannot do it at the moment \(HTTP 502\)\. Try again/],
  [400, problem('invalid-request'), EXIT.usage, /invalid-request\): Said so\.$/],
  [401, problem('unauthenticated'), EXIT.usage, /refused the bearer token/],
  [404, problem('route-not-found'), EXIT.usage, /no admin API/],
  [200, '<html>', EXIT.usage, /no admin API/],
])('HTTP %i with %s ends with %i', (status, answer, exitCode, message) => {
  const error = refusal(status, answer, 'http://127.0.0.1/', 'bearer', NOW);
  expect(error.exitCode).toBe(exitCode);
  expect(error.message).toMatch(message);
});

it('keeps reported lines as they were, by their number, but for those that are too long', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rejected-lines-'));
  const text = `one\r\n\ntw\u00f6\n${'x'.repeat(70_000)}\n five`;
  const sent = new SentLines(11);
  const chunks = Readable.from([Buffer.from(text).subarray(0, 8), Buffer.from(text).subarray(8)]);
  for await (const _chunk of sent.watch(chunks));
  const path = join(folder, 'rejected');
  const file = new RejectedFile(path);
  for (const line of [11, 13, 14, 15, 16]) file.add(sent.take(line));
  expect(file.lines).toBe(3);
  file.close();
  expect(await readFile(path, 'utf8')).toBe('one\ntw\u00f6\n five\n');
  expect(() => new RejectedFile(path)).toThrow(/such a file already/);
  expect(() => new RejectedFile('/nowhere/rejected')).toThrow(
    /^--rejected \/nowhere\/rejected: cannot be written \(ENOENT\)\.$/,
  );
  await rm(folder, { recursive: true });
});
