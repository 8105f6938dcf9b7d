import { describe, expect, it } from 'vitest';
import { rental, t } from '../testing/rentals.js';
import { isRentalLive, rentalEnd, rentalEndReason, rentalEndWhenPlayed, secondsLeft } from './rental.rules.js';

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

describe('secondsLeft, whole ones', () => {
  it.each([
    ['of a period', rental(10, 100), 0, 10],
    ['a moment later', rental(10, 100), 0.001, 9],
    ['at the last whole second', rental(10, 100), 9, 1],
    ['in the last second', rental(10, 100), 9.001, 0],
    ['at the end', rental(10, 100), 10, 0],
    ['of an end within a second', rental(10.999, 100), 0, 10],
    ['past the end', rental(10, 100), 12, -2],
    ['of a play window', rental(1000, 100, 0), 40.5, 59],
    ['by a clock that is behind the first play: no more than was sold', rental(1000, 100, 0), -5, 100],
  ])('%s', (_name, terms, at, left) => {
    expect(secondsLeft(terms, t(at), 'either')).toBe(left);
  });
});

describe('isRentalLive, to the exact second', () => {
  it.each([
    ['either, not started, long before', 'either', rental(100, 48 * HOUR), 0, true],
    ['either, not started, its last two whole seconds', 'either', rental(100, 48 * HOUR), 98, true],
    ['either, not started, less than two seconds left', 'either', rental(100, 48 * HOUR), 98.001, false],
    ['either, not started, at the end', 'either', rental(100, 48 * HOUR), 100, false],
    ['either, started, its last two whole seconds of play', 'either', rental(1000, 100, 0), 98, true],
    ['either, started, less than two seconds left', 'either', rental(1000, 100, 0), 98.001, false],
    ['either, sold for a second', 'either', rental(1000, 1), 0, false],
    ['either, started, at the end of its play', 'either', rental(1000, 100, 0), 100, false],
    ['either, started, past the period within its play', 'either', rental(50, 100, 0), 50, false],
    ['start-by, started, past the period within its play', 'start-by', rental(50, 100, 0), 98, true],
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
