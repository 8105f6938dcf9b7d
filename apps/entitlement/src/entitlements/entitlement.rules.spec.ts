import { describe, expect, it } from 'vitest';
import type { Purchase } from '../purchases/purchase.js';
import { decideEntitlement, type Availability } from './entitlement.rules.js';

const t = (seconds: number) => new Date(Date.UTC(2026, 10, 21, 10) + seconds * 1000);
const NOW = t(0);
const AVAILABLE: Availability = { availableFrom: null, withdrawnAt: null };
const SOON: Availability = { availableFrom: t(1), withdrawnAt: null };
const WITHDRAWN: Availability = { availableFrom: null, withdrawnAt: t(-1) };

const owned = (id: string, revoked = false): Purchase => ({
  type: 'buy-to-own',
  id,
  revokedAt: revoked ? t(-5) : null,
});
const rented = (id: string, periodEndsAt: number, firstPlayAt?: number, revoked = false): Purchase => ({
  type: 'rental',
  id,
  revokedAt: revoked ? t(-5) : null,
  periodEndsAt: t(periodEndsAt),
  playDurationSeconds: 1000,
  firstPlayAt: firstPlayAt === undefined ? null : t(firstPlayAt),
  version: 1n,
  firstPlayResetId: null,
});

describe('which purchase entitles', () => {
  it.each([
    ['the only purchase', [owned('a')], 'a'],
    ['BuyToOwn before a started rental', [rented('a', 5000, -10), owned('b')], 'b'],
    ['a rental when the BuyToOwn was revoked', [owned('a', true), rented('b', 5000)], 'b'],
    ['a started rental before an unstarted one that ends later', [rented('a', 9000), rented('b', 500, -10)], 'b'],
    [
      'of started ones the one that ends last',
      [rented('a', 9000, -500), rented('b', 9000, -10), rented('c', 300, -1)],
      'b',
    ],
    ['of unstarted ones the one whose period ends first', [rented('a', 9000), rented('b', 400), rented('c', 500)], 'b'],
    ['an unstarted rental when the started one has ended', [rented('a', 5000, -1000), rented('b', 5000)], 'b'],
    ['the first of equals', [rented('a', 400), rented('b', 400)], 'a'],
  ])('%s', (_name, purchases, id) => {
    expect(decideEntitlement(AVAILABLE, purchases, NOW, 'either')).toMatchObject({ entitled: true, purchase: { id } });
  });

  it('compares started rentals by the rule in force', () => {
    const purchases = [rented('long', 100, -10), rented('short', 300, -900)];
    expect(decideEntitlement(AVAILABLE, purchases, NOW, 'either')).toMatchObject({ purchase: { id: 'long' } });
    const cut = [rented('cut', 50, -10), rented('whole', 9000, -900)];
    expect(decideEntitlement(AVAILABLE, cut, NOW, 'either')).toMatchObject({ purchase: { id: 'whole' } });
    expect(decideEntitlement(AVAILABLE, cut, NOW, 'start-by')).toMatchObject({ purchase: { id: 'cut' } });
  });
});

describe('why not', () => {
  it.each([
    ['nothing bought', AVAILABLE, [], 'no-purchase'],
    ['nothing bought of a withdrawn title', WITHDRAWN, [], 'content-withdrawn'],
    ['nothing bought of a title to come', SOON, [], 'not-yet-available'],
    ['a refund', AVAILABLE, [owned('a', true)], 'purchase-revoked'],
    [
      'a refunded rental, though its period has ended too',
      AVAILABLE,
      [rented('a', -10, undefined, true)],
      'purchase-revoked',
    ],
    ['a period that ended', AVAILABLE, [rented('a', -10)], 'rental-period-ended'],
    ['a play window that ended', AVAILABLE, [rented('a', 5000, -1000)], 'play-window-ended'],
    ['owned, not yet available', SOON, [owned('a')], 'not-yet-available'],
    ['owned, withdrawn', WITHDRAWN, [owned('a')], 'content-withdrawn'],
    [
      'a live rental beside an ended one, withdrawn',
      WITHDRAWN,
      [rented('a', 5000), rented('b', -10)],
      'content-withdrawn',
    ],
    ['an ended rental, withdrawn', WITHDRAWN, [rented('a', -10)], 'rental-period-ended'],
    [
      'several: the closest to being entitled',
      AVAILABLE,
      [owned('a', true), rented('b', -10), rented('c', 500, -1000)],
      'play-window-ended',
    ],
    ['period and refund', AVAILABLE, [owned('a', true), rented('b', -10)], 'rental-period-ended'],
  ] as const)('%s', (_name, content, purchases, reason) => {
    expect(decideEntitlement(content, purchases, NOW, 'either')).toEqual({ entitled: false, reason });
  });
});

describe('availability, to the exact moment', () => {
  it.each([
    ['the moment before it is available', { availableFrom: t(0.001), withdrawnAt: null }, false],
    ['the moment it is available', { availableFrom: NOW, withdrawnAt: null }, true],
    ['the moment before it is withdrawn', { availableFrom: null, withdrawnAt: t(0.001) }, true],
    ['the moment it is withdrawn', { availableFrom: null, withdrawnAt: NOW }, false],
  ])('%s', (_name, content, entitled) => {
    expect(decideEntitlement(content, [owned('a')], NOW, 'either').entitled).toBe(entitled);
  });
});
