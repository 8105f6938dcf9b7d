// What a viewer is told about one title.
import type { Entitlement } from './entitlement.js';
import type { EntitlementAnswer } from './entitlements.dto.js';
import type { RentalEndRule } from './rental.rules.js';
import { standingRights } from './standing-rights.js';

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
