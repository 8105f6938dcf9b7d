import { describe, expect, it } from 'vitest';
import { Progress } from './generate-progress.js';

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
