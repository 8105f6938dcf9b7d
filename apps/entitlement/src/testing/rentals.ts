// Rentals for tests of rules, in seconds from one moment.
import type { Rental } from '../purchases/purchase.js';

/** The moment that seconds are counted from, in milliseconds. */
export const START = Date.UTC(2026, 10, 21, 10);

/** A moment, in seconds from the start. */
export const t = (seconds: number) => new Date(START + seconds * 1000);

/** A rental, with its moments in seconds from the start. */
export const rental = (periodEndsAt: number, playDurationSeconds: number, firstPlayAt?: number): Rental => ({
  type: 'rental',
  id: 'rental',
  revokedAt: null,
  periodEndsAt: t(periodEndsAt),
  playDurationSeconds,
  firstPlayAt: firstPlayAt === undefined ? null : t(firstPlayAt),
  version: 1n,
  firstPlayResetId: null,
});
