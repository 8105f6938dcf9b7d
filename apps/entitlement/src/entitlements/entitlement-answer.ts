// What a viewer is told about one title.
import type { DenialReason, Entitlement } from './entitlement.js';
import type { RentalEndRule } from './rental.rules.js';
import { standingRights, type StandingRights } from './standing-rights.js';

/** A title the viewer may play now. */
export interface GrantedAnswer {
  contentId: string;
  entitled: true;
  rights: StandingRights;
}

/** The answer of `GET /v1/entitlements/{contentId}`. */
export type EntitlementAnswer = GrantedAnswer | { contentId: string; entitled: false; reason: DenialReason };

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
