import { describe, expect, it } from 'vitest';
import { DRMS } from '../catalog/content.js';
import { rental, t } from '../testing/rentals.js';
import { tokenTerms } from './rights.js';

const SETTINGS = {
  RENTAL_END_RULE: 'either',
  TOKEN_TTL_SECONDS: 300,
  WIDEVINE_GENERAL_FLAGS: '8-digits',
  WIDEVINE_LICENSE_DURATION: 'play-time',
} as const;
const REQUEST = { offline: false, policy: { offlineAllowed: true, offlineLicenseSeconds: null } };

describe('the terms of a token of a rental', () => {
  it.each([
    ['a long one: a minute for the token', rental(1000, 900), 0, 60, 900, 840],
    ['a token life that is set shorter', rental(1000, 900), 0, 5, 900, 895, 5],
    ['a short one: half of it for the token', rental(1000, 100, 0), 90, 95, 10, 5],
    ['an odd one: the token has the smaller half', rental(1000, 100, 0), 89, 94, 11, 6],
    ['the last two seconds: one each', rental(1000, 100, 0), 98, 99, 2, 1],
    ['within a second: the token ends with a whole one', rental(1000, 100, 0.9), 90.9, 95, 10, 5],
    ['within a second, at the last: it still has an end to come', rental(1000, 100, 0.999), 98.999, 99, 2, 1],
  ])('%s', (_name, terms, at, expiresAt, left, duration, longest = 300) => {
    for (const drm of DRMS) {
      const settings = { ...SETTINGS, TOKEN_TTL_SECONDS: longest };
      const { rights, tokenExpiresAt } = tokenTerms(terms, t(at), settings, { ...REQUEST, drm });
      expect(tokenExpiresAt).toEqual(t(expiresAt));
      expect(rights.playDurationSeconds).toBe(drm === 'playready' ? left : duration);
    }
  });
});

describe('the terms of a token of a purchase to own', () => {
  it.each([
    [0, 300],
    [0.999, 300],
  ])('decided at %s s, it ends at %s s', (at, expiresAt) => {
    const owned = { type: 'buy-to-own', id: 'owned', revokedAt: null } as const;
    const { tokenExpiresAt } = tokenTerms(owned, t(at), SETTINGS, { ...REQUEST, drm: 'fairplay' });
    expect(tokenExpiresAt).toEqual(t(expiresAt));
  });
});
