import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { LineSplitter, readImportLine } from './import-lines.js';

const LIMIT = 8;

function split(bytes: Buffer, cuts: readonly number[]): string[] {
  const splitter = new LineSplitter(LIMIT);
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const lines = edges.slice(1).flatMap((end, index) => splitter.push(bytes.subarray(edges[index], end)));
  const rest = splitter.end();
  return [...lines, ...(rest === undefined ? [] : [rest])].map((line) => line.toString());
}

describe('a stream of bytes is cut into lines', () => {
  it.each([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\r\nb', ['a', 'b']],
    ['\n\r\n', ['', '']],
    ['a\rb\n', ['a\rb']],
    ['12345678\n12345678\r\n12345678', ['12345678', '12345678', '12345678']],
    ['123456789\nb\n', ['too-long', 'b']],
    ['123456789\r\n', ['too-long']],
    ['123456789', ['too-long']],
    ['1234567890123456789012345678901234567890\nb', ['too-long', 'b']],
  ])('%j', (text, lines) => {
    expect(split(Buffer.from(text), [])).toEqual(lines);
  });

  it('the same ones, wherever the stream is cut into pieces', () => {
    const texts = fc.array(fc.constantFrom('a', 'é', '\r', '\n', '12345678'), { maxLength: 40 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(), { maxLength: 10 }), (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''));
        expect(split(bytes, cuts)).toEqual(split(bytes, []));
      }),
    );
  });

  it('of a line without an end it holds no more than the limit', () => {
    const splitter = new LineSplitter(LIMIT);
    const piece = Buffer.alloc(1024, 'x');
    for (let count = 0; count < 1000; count += 1) expect(splitter.push(piece)).toEqual([]);
    expect(splitter.held).toBeLessThanOrEqual(LIMIT + 1);
    expect(splitter.push(Buffer.from('\nnext\n')).map(String)).toEqual(['too-long', 'next']);
  });
});

it.each(['', ' \t', '\u{FEFF}'])('a blank line, %j, is not parsed: a body may be full of them', (text) => {
  const parse = vi.spyOn(JSON, 'parse');
  expect(readImportLine(Buffer.from(text))).toBeUndefined();
  expect(parse).not.toHaveBeenCalled();
  parse.mockRestore();
});
