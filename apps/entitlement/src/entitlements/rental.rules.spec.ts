import { describe, expect, it } from 'vitest';
import { rental, t } from '../testing/rentals.js';
import { isRentalLive, rentalEnd, rentalEndReason, rentalEndWhenPlayed, wholeSecondsUntil } from './rental.rules.js';

const HOUR = 3600;

describe('rentalEnd', () => {
  it.each([
    ['either: not started, the period', 'either', rental(100 * HOUR, 48 * HOUR), 100 * HOUR],
    [
      'either: started, the play window when it is first',
      'either',
      rental(100 * HOUR, 48 * HOUR, 10 * HOUR),
      58 * HOUR,
    ],
    ['either: started, the period when it is first', 'either', rental(50 * HOUR, 48 * HOUR, 10 * HOUR), 50 * HOUR],
    ['start-by: not started, the period', 'start-by', rental(100 * HOUR, 48 * HOUR), 100 * HOUR],
    [
      'start-by: started, the play window though the period is first',
      'start-by',
      rental(50 * HOUR, 48 * HOUR, 10 * HOUR),
      58 * HOUR,
    ],
  ] as const)('%s', (_name, rule, terms, end) => {
    expect(rentalEnd(terms, rule)).toEqual(t(end));
  });
});

describe('rentalEndWhenPlayed', () => {
  it.each([
    ['starts the window of an unstarted rental', 'either', rental(100 * HOUR, 48 * HOUR), 1, 48 * HOUR + 1],
    ['is cut by the period under either', 'either', rental(10 * HOUR, 48 * HOUR), 1, 10 * HOUR],
    ['is not cut by the period under start-by', 'start-by', rental(10 * HOUR, 48 * HOUR), 1, 48 * HOUR + 1],
    ['leaves a started rental as it is', 'either', rental(100 * HOUR, 48 * HOUR, 0), 7 * HOUR, 48 * HOUR],
  ] as const)('%s', (_name, rule, terms, at, end) => {
    expect(rentalEndWhenPlayed(terms, t(at), rule)).toEqual(t(end));
  });
});

describe('wholeSecondsUntil', () => {
  it.each([
    [10, 0, 10],
    [10, 0.001, 9],
    [10, 9, 1],
    [10, 9.001, 0],
    [10, 10, 0],
    [10.999, 0, 10],
    [10, 12, -2],
  ])('from the end at %s s, asked at %s s: %s', (end, at, left) => {
    expect(wholeSecondsUntil(t(end), t(at))).toBe(left);
  });
});

describe('isRentalLive, to the exact second', () => {
  it.each([
    ['either, not started, long before', 'either', rental(100, 48 * HOUR), 0, true],
    ['either, not started, its last whole second', 'either', rental(100, 48 * HOUR), 99, true],
    ['either, not started, less than a second left', 'either', rental(100, 48 * HOUR), 99.001, false],
    ['either, not started, at the end', 'either', rental(100, 48 * HOUR), 100, false],
    ['either, started, its last whole second of play', 'either', rental(1000, 100, 0), 99, true],
    ['either, started, at the end of its play', 'either', rental(1000, 100, 0), 100, false],
    ['either, started, past the period within its play', 'either', rental(50, 100, 0), 50, false],
    ['start-by, started, past the period within its play', 'start-by', rental(50, 100, 0), 99, true],
    ['start-by, started, at the end of its play', 'start-by', rental(50, 100, 0), 100, false],
    ['start-by, not started, a moment before the period ends', 'start-by', rental(50, 100), 49.999, true],
    ['start-by, not started, when the period ends', 'start-by', rental(50, 100), 50, false],
  ] as const)('%s', (_name, rule, terms, at, live) => {
    expect(isRentalLive(terms, t(at), rule)).toBe(live);
  });
});

describe('rentalEndReason', () => {
  it.each([
    ['either', rental(10, 100), 'rental-period-ended'],
    ['either', rental(200, 100, 0), 'play-window-ended'],
    ['either', rental(100, 100, 0), 'play-window-ended'],
    ['either', rental(50, 100, 0), 'rental-period-ended'],
    ['start-by', rental(50, 100, 0), 'play-window-ended'],
    ['start-by', rental(50, 100), 'rental-period-ended'],
  ] as const)('under %s: %o is over because of %s', (rule, terms, reason) => {
    expect(rentalEndReason(terms, rule)).toBe(reason);
  });
});
