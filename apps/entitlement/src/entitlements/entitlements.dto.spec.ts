import { describe, expect, it } from 'vitest';
import { rental, t } from '../testing/rentals.js';
import { entitlementAnswer, standingRights } from './entitlements.dto.js';

const text = (seconds: number) => t(seconds).toISOString().replace('.000Z', 'Z');
const OWNED = { type: 'buy-to-own', id: 'owned', revokedAt: null } as const;

describe('the rights of a rental as it stands', () => {
  it.each([
    ['unstarted: the period and the terms', 'either', rental(5000, 1000), 0, 5000, 1000],
    ['unstarted: the same under start-by', 'start-by', rental(5000, 1000), 0, 5000, 1000],
    ['unstarted: the terms, though less is left of the period', 'either', rental(500, 1000), 100, 500, 1000],
    ['unstarted: the same rights a moment later', 'either', rental(5000, 1000), 999, 5000, 1000],
  ] as const)('%s', (_name, rule, terms, at, endsAt, playDurationSeconds) => {
    expect(standingRights(terms, t(at), rule)).toStrictEqual({
      type: 'rental',
      endsAt: text(endsAt),
      playDurationSeconds,
      started: false,
    });
  });

  it.each([
    ['what is left of the play', 'either', rental(5000, 1000, 0), 400, 1000, 600],
    ['what is left of the period when it is first', 'either', rental(700, 1000, 0), 400, 700, 300],
    ['what is left of the play past the period under start-by', 'start-by', rental(300, 1000, 0), 400, 1000, 600],
    ['all of it in its first moment', 'either', rental(5000, 1000, 0), 0, 1000, 1000],
    ['whole seconds, rounded down', 'either', rental(5000, 1000, 0), 998.5, 1000, 1],
    ['no more than the terms, seen by a clock that is behind', 'either', rental(5000, 1000, 0), -3, 1000, 1000],
  ] as const)('started: %s', (_name, rule, terms, at, endsAt, playDurationSeconds) => {
    expect(standingRights(terms, t(at), rule)).toStrictEqual({
      type: 'rental',
      endsAt: text(endsAt),
      playDurationSeconds,
      started: true,
      firstPlayAt: text(0),
    });
  });

  it('rounds moments down to the second', () => {
    const rights = standingRights(rental(5000.9, 1000, 0.7), t(1), 'either');
    expect(rights).toMatchObject({ endsAt: text(1000), firstPlayAt: text(0) });
    expect(standingRights(rental(5000.9, 1000), t(1), 'either')).toMatchObject({ endsAt: text(5000) });
  });
});

describe('what a viewer is told', () => {
  it('of an owned title: for good, with no clock', () => {
    expect(
      entitlementAnswer('sintel', { entitled: true, purchase: OWNED, quality: 'uhd2' }, t(0), 'either'),
    ).toStrictEqual({
      contentId: 'sintel',
      entitled: true,
      rights: { type: 'buy-to-own', endsAt: null, playDurationSeconds: null, started: false },
    });
  });

  it('of a title they may not play: the reason, and no rights', () => {
    const denied = { entitled: false, reason: 'play-window-ended' } as const;
    expect(entitlementAnswer('sintel', denied, t(0), 'either')).toStrictEqual({
      contentId: 'sintel',
      entitled: false,
      reason: 'play-window-ended',
    });
  });
});
