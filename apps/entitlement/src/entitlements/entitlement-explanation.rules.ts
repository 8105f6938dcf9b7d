// Why may this user play this title, or why not: the decision with the rule behind it, and what became of each purchase.
import type { Purchase, Rental } from '../purchases/purchase.js';
import {
  endedBecause,
  judgeEntitlement,
  type Availability,
  type DenialReason,
  type Entitlement,
  type Judgement,
} from './entitlement.rules.js';
import { rentalEnd, rentalEndWhenPlayed, secondsLeft, type RentalEndRule } from './rental.rules.js';

/** The rules by their number and name in docs/architecture.md, "The rules". */
export const RULES = {
  1: 'Owning beats renting',
  2: 'A running rental beats a new one',
  3: "A rental's end",
  5: 'A denial has one reason',
} as const;

/** The number of a rule that decides. */
export type RuleNumber = keyof typeof RULES;

/** A rule, and what it came to in the case at hand. */
export interface AppliedRule {
  number: RuleNumber;
  name: (typeof RULES)[RuleNumber];
  /** One sentence. */
  because: string;
}

/** What became of one purchase. */
export interface ExaminedPurchase {
  purchase: Purchase;
  /** It is the one that entitles; it would entitle, but another comes before it or the title is not available; it does not. */
  outcome: 'used' | 'would-do' | 'ended';
  rule: AppliedRule;
  /** Why an ended one does not entitle. */
  reason: DenialReason | null;
  clock: RentalClock | null;
}

/** Where a rental's clock stands. */
export interface RentalClock {
  endRule: RentalEndRule;
  firstPlayAt: Date | null;
  periodEndsAt: Date;
  playDurationSeconds: number;
  /** Its end as it stands: the end of the period until it is started. */
  endsAt: Date;
  /** Its end if it is played at the moment asked about. */
  endsAtWhenPlayed: Date;
  /** Whole seconds left if it is played at the moment asked about, 0 when it has ended or was revoked. */
  secondsLeft: number;
}

/** Why. */
export interface EntitlementExplanation {
  decision: Entitlement;
  /** The rule that decided. */
  rule: AppliedRule;
  /** What is wrong with the title's own dates at this moment. */
  unavailable: DenialReason | null;
  /** In the order given. */
  purchases: ExaminedPurchase[];
}

/** Takes what `decideEntitlement` takes. The decision is made by the same code. */
export function explainEntitlement(
  content: Availability,
  purchases: readonly Purchase[],
  at: Date,
  rule: RentalEndRule,
): EntitlementExplanation {
  const judgement = judgeEntitlement(content, purchases, at, rule);
  const { decision, unavailable = null } = judgement;
  return {
    decision,
    rule: decidingRule(judgement),
    unavailable,
    purchases: purchases.map((purchase) => examined(purchase, judgement, at, rule)),
  };
}

function decidingRule({ decision, live, best }: Judgement): AppliedRule {
  if (!decision.entitled) return applied(5, DENIALS[decision.reason]);
  return chosenBy(best ?? decision.purchase, live);
}

function examined(purchase: Purchase, judgement: Judgement, at: Date, rule: RentalEndRule): ExaminedPurchase {
  const { decision, live, best } = judgement;
  const clock = purchase.type === 'rental' ? clockOf(purchase, at, rule) : null;
  if (best === undefined || !live.includes(purchase)) {
    const reason = endedBecause(purchase, rule);
    return { purchase, outcome: 'ended', rule: endedBy(purchase, reason), reason, clock };
  }
  if (purchase !== best) {
    return { purchase, outcome: 'would-do', rule: beatenBy(purchase, best), reason: null, clock };
  }
  return decision.entitled
    ? { purchase, outcome: 'used', rule: chosenBy(best, live), reason: null, clock }
    : { purchase, outcome: 'would-do', rule: applied(5, DENIALS[decision.reason]), reason: null, clock };
}

function clockOf(rental: Rental, at: Date, rule: RentalEndRule): RentalClock {
  const { firstPlayAt, periodEndsAt, playDurationSeconds, revokedAt } = rental;
  const endsAt = rentalEnd(rental, rule);
  const endsAtWhenPlayed = rentalEndWhenPlayed(rental, at, rule);
  const left = revokedAt === null && at < endsAt ? secondsLeft(rental, at, rule) : 0;
  return {
    endRule: rule,
    firstPlayAt,
    periodEndsAt,
    playDurationSeconds,
    endsAt,
    endsAtWhenPlayed,
    secondsLeft: Math.max(0, left),
  };
}

function endedBy(purchase: Purchase, reason: DenialReason): AppliedRule {
  return applied(purchase.type === 'buy-to-own' || purchase.revokedAt !== null ? 5 : 3, DENIALS[reason]);
}

/** By which rule the best one is the best of those that are live. */
function chosenBy(best: Purchase, live: readonly Purchase[]): AppliedRule {
  if (best.type === 'buy-to-own') return applied(1, 'an active purchase to own is there');
  if (live.length === 1) return applied(3, 'the end of the rental is still to come');
  if (best.firstPlayAt === null) {
    return applied(2, 'of the rentals that have not been started its period ends first');
  }
  const started = live.filter((purchase) => purchase.type === 'rental' && purchase.firstPlayAt !== null);
  return started.length === 1
    ? applied(2, 'the clock of this rental runs already, so no second one is started')
    : applied(2, 'of the rentals that run it ends last');
}

function beatenBy(purchase: Purchase, best: Purchase): AppliedRule {
  if (best.type === 'buy-to-own') {
    return applied(1, purchase.type === 'rental' ? 'the title is owned' : 'an older purchase to own is there');
  }
  if (best.firstPlayAt === null) return applied(2, 'the period of another ends first');
  const runs = purchase.type === 'rental' && purchase.firstPlayAt !== null;
  return applied(2, runs ? 'another running rental ends last' : "another rental's clock runs already");
}

function applied(number: RuleNumber, because: string): AppliedRule {
  return { number, name: RULES[number], because };
}

const DENIALS: Record<DenialReason, string> = {
  'play-window-ended': 'the rental was started and its time to finish is over',
  'rental-period-ended': "the rental's period ended",
  'purchase-revoked': 'the purchase was refunded or withdrawn by the store',
  'not-yet-available': 'the title is not released yet',
  'content-withdrawn': 'the title was taken out of the catalogue',
  'no-purchase': 'the user never bought or rented it',
};
