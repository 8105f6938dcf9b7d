import { describe, expect, it } from 'vitest';
import { Progress } from './generate.js';
import { generateOptions } from './generate-options.js';

const NOW = new Date('2026-11-21T10:00:00.000Z');

describe('the arguments of the generator', () => {
  it('may all be left out', () => {
    expect(generateOptions([], NOW)).toEqual({ purchases: 10_000, users: 1000, contents: 2000, seed: 1, at: NOW });
  });

  it('are read in either way of writing', () => {
    const args = [
      '--users',
      '100000',
      '--purchases=10000000',
      '--contents',
      '5',
      '--seed=0',
      '--at',
      '2026-01-02T03:04:05Z',
    ];
    const at = new Date('2026-01-02T03:04:05.000Z');
    expect(generateOptions(args, NOW)).toEqual({ purchases: 10_000_000, users: 100_000, contents: 5, seed: 0, at });
  });

  it('may ask for help instead', () => {
    expect(generateOptions(['--help', '--users', 'x'], NOW)).toBeUndefined();
  });

  it.each([
    [['--users', '0'], /--users takes a whole number from 1 to 100000000/],
    [['--users', ''], /--users/],
    [['--users', '1e5'], /--users/],
    [['--users=-5'], /--users/],
    [['--purchases', '1000000001'], /--purchases takes a whole number from 0 to 1000000000/],
    [['--purchases', '10.5'], /--purchases/],
    [['--contents', '0'], /--contents/],
    [['--contents', '0x10'], /--contents/],
    [['--seed', 'x'], /--seed/],
    [['--at', 'yesterday'], /--at must be an RFC 3339 date-time/],
    [['--at', '2026-02-30T25:00:00Z'], /--at/],
    [['--pruchases', '5'], /--pruchases/],
    [['5'], /5/],
  ])('%j is refused by name', (args, message) => {
    expect(() => generateOptions(args, NOW)).toThrow(message);
  });
});

describe('progress', () => {
  it('is told every five seconds and at the end, with rate and time left', () => {
    const lines: string[] = [];
    let milliseconds = 7;
    const progress = new Progress(
      100_000,
      1_000_000,
      (line) => lines.push(line),
      () => milliseconds,
    );
    progress.reached(150_000);
    expect(lines).toEqual([]);
    milliseconds += 5000;
    progress.reached(200_000);
    milliseconds += 4000;
    progress.reached(250_000);
    milliseconds += 81_000;
    progress.reached(1_000_000);
    expect(lines).toEqual([
      'purchases: 200,000 of 1,000,000 (20%), 20,000 rows/s, 40 s left',
      'purchases: 1,000,000 of 1,000,000 (100%), 10,000 rows/s, done in 1 min 30 s',
    ]);
  });
});
