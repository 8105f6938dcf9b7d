// The answer for (user, content, now): granted with a purchase, or denied with one reason.
import type { Purchase } from '../purchases/purchase.js';

/** Why not, from the closest to being entitled to the farthest; of several that apply the first is given. */
export const DENIAL_REASONS = [
  'play-window-ended',
  'rental-period-ended',
  'purchase-revoked',
  'not-yet-available',
  'content-withdrawn',
  'no-purchase',
] as const;

/** One reason for a denial. */
export type DenialReason = (typeof DENIAL_REASONS)[number];

/** What was decided. */
export type Entitlement = { entitled: true; purchase: Purchase } | { entitled: false; reason: DenialReason };
