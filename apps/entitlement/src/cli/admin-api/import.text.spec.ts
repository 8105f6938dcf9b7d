import { describe, expect, it } from 'vitest';
import { Faults, faultsText, progressText } from './import.text.js';

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
