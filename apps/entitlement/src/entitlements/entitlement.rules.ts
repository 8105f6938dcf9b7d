// May this user play this title now, and by which of their purchases: pure, so that every case is a row in a table.
import type { Content, Track } from '../catalog/content.js';
import type { Purchase, Rental } from '../purchases/purchase.js';
import { isRentalLive, rentalEnd, rentalEndReason, type RentalEndRule } from './rental.rules.js';

/** Why not, from the closest to being entitled to the farthest; of several that apply the first is given. */
export const DENIAL_REASONS = [
  'play-window-ended',
  'rental-period-ended',
  'purchase-revoked',
  'not-yet-available',
  'content-withdrawn',
  'no-purchase',
] as const;

export type DenialReason = (typeof DENIAL_REASONS)[number];

/** The best video that is granted: keys of better tracks are left out. */
export type Quality = Exclude<Track, 'audio'>;

/** What was decided. */
export type Entitlement =
  { entitled: true; purchase: Purchase; quality: Quality } | { entitled: false; reason: DenialReason };

/** What a decision looks at of a title. */
export type Availability = Pick<Content, 'availableFrom' | 'withdrawnAt'>;

/** A decision with all that it was taken by. */
export interface Judgement {
  decision: Entitlement;
  /** The purchases that entitle at this moment, the title's own availability aside. */
  live: readonly Purchase[];
  /** The one of them that is used if the title is available; undefined when none is live. */
  best: Purchase | undefined;
  /** What is wrong with the title's own dates. */
  unavailable: DenialReason | undefined;
}

/**
 * Decides.
 * @param content the title's availability
 * @param purchases the user's purchases of this title, in an order that decides between equals
 * @param at the moment asked about
 */
export function decideEntitlement(
  content: Availability,
  purchases: readonly Purchase[],
  at: Date,
  rule: RentalEndRule,
): Entitlement {
  return judgeEntitlement(content, purchases, at, rule).decision;
}

/** Decides as `decideEntitlement` does, and keeps what it decided by. */
export function judgeEntitlement(
  content: Availability,
  purchases: readonly Purchase[],
  at: Date,
  rule: RentalEndRule,
): Judgement {
  const unavailable = unavailability(content, at);
  const live = purchases.filter((purchase) => isLive(purchase, at, rule));
  const best = bestOf(live, rule);
  const facts = { live, best, unavailable };
  if (best !== undefined && unavailable === undefined) {
    // All tracks: purchases do not say a quality.
    return { decision: { entitled: true, purchase: best, quality: 'uhd2' }, ...facts };
  }

  // A purchase that would do is closer to being entitled than one that has ended: then only the title stands in the way.
  const ended = live.length > 0 ? [] : purchases.map((purchase) => endedBecause(purchase, rule));
  const reasons = new Set<DenialReason>([...ended, ...(unavailable === undefined ? [] : [unavailable])]);
  const reason = DENIAL_REASONS.find((one) => reasons.has(one)) ?? 'no-purchase';
  return { decision: { entitled: false, reason }, ...facts };
}

/** Whether a purchase entitles at a moment, the title's own availability aside. */
export function isLive(purchase: Purchase, at: Date, rule: RentalEndRule): boolean {
  if (purchase.revokedAt !== null) return false;
  return purchase.type === 'buy-to-own' || isRentalLive(purchase, at, rule);
}

/** BuyToOwn before rentals; a started rental before an unstarted one, so that no second clock starts. */
function bestOf(live: readonly Purchase[], rule: RentalEndRule): Purchase | undefined {
  const owned = live.find((purchase) => purchase.type === 'buy-to-own');
  if (owned !== undefined) return owned;
  const rentals = live.filter((purchase) => purchase.type === 'rental');
  const started = rentals.filter((rental) => rental.firstPlayAt !== null);
  if (started.length > 0) return started.reduce((best, next) => (endOf(next, rule) > endOf(best, rule) ? next : best));
  return rentals.reduce<Rental | undefined>(
    (best, next) => (best === undefined || next.periodEndsAt < best.periodEndsAt ? next : best),
    undefined,
  );
}

/** Why a purchase that is not live does not entitle. */
export function endedBecause(purchase: Purchase, rule: RentalEndRule): DenialReason {
  if (purchase.revokedAt !== null || purchase.type === 'buy-to-own') return 'purchase-revoked';
  return rentalEndReason(purchase, rule);
}

function unavailability(content: Availability, at: Date): DenialReason | undefined {
  if (content.availableFrom !== null && at < content.availableFrom) return 'not-yet-available';
  if (content.withdrawnAt !== null && at >= content.withdrawnAt) return 'content-withdrawn';
  return undefined;
}

function endOf(rental: Rental, rule: RentalEndRule): number {
  return rentalEnd(rental, rule).getTime();
}
