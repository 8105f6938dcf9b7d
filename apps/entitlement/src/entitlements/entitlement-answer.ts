// What a viewer is shown of one title before playing, which starts no clock.
import { momentText } from '../moment.js';
import type { Purchase } from '../purchases/purchase.js';
import type { Entitlement } from './entitlement.rules.js';
import type { EntitlementAnswer, StandingRights } from './entitlements.dto.js';
import { rentalEnd, secondsLeft, type RentalEndRule } from './rental.rules.js';

/** Writes the answer for a decision taken at `at`. */
export function entitlementAnswer(
  contentId: string,
  entitlement: Entitlement,
  at: Date,
  rule: RentalEndRule,
): EntitlementAnswer {
  if (!entitlement.entitled) return { contentId, entitled: false, reason: entitlement.reason };
  return { contentId, entitled: true, rights: standingRights(entitlement.purchase, at, rule) };
}

/** The rights of a purchase that is live at `at`. */
export function standingRights(purchase: Purchase, at: Date, rule: RentalEndRule): StandingRights {
  const { type } = purchase;
  if (type === 'buy-to-own') return { type, endsAt: null, playDurationSeconds: null, started: false };
  const { playDurationSeconds: terms, firstPlayAt } = purchase;
  const endsAt = momentText(rentalEnd(purchase, rule));
  if (firstPlayAt === null) return { type, endsAt, playDurationSeconds: terms, started: false };
  const playDurationSeconds = secondsLeft(purchase, at, rule);
  return { type, endsAt, playDurationSeconds, started: true, firstPlayAt: momentText(firstPlayAt) };
}
