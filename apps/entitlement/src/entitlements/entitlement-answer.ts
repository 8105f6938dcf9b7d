// What a viewer is shown of one title before playing, which starts no clock.
import type { Purchase } from '../purchases/purchase.js';
import type { DenialReason, Entitlement } from './entitlement.rules.js';
import { rentalEnd, secondsLeft, type RentalEndRule } from './rental.rules.js';

/** What a purchase entitles to as it stands. Moments are RFC 3339 in `Z`, in whole seconds, rounded down. */
export interface StandingRights {
  type: Purchase['type'];
  /** When the rental ends: its period's end until it is started. Null for a purchase to own. */
  endsAt: string | null;
  /** Seconds left of a started rental; what the terms give to one that is not; null for a purchase to own. */
  playDurationSeconds: number | null;
  /** Whether a rental's clock runs. */
  started: boolean;
  /** When it was started. */
  firstPlayAt?: string;
}

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

/** The rights of a purchase that is live at `at`. */
export function standingRights(purchase: Purchase, at: Date, rule: RentalEndRule): StandingRights {
  const { type } = purchase;
  if (type === 'buy-to-own') return { type, endsAt: null, playDurationSeconds: null, started: false };
  const { playDurationSeconds: terms, firstPlayAt } = purchase;
  const endsAt = wholeSeconds(rentalEnd(purchase, rule));
  if (firstPlayAt === null) return { type, endsAt, playDurationSeconds: terms, started: false };
  const playDurationSeconds = secondsLeft(purchase, at, rule);
  return { type, endsAt, playDurationSeconds, started: true, firstPlayAt: wholeSeconds(firstPlayAt) };
}

function wholeSeconds(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, 'Z');
}
