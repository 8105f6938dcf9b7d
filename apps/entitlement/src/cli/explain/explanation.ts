// The whole answer to "why may, or may not, this user play this title": entitlement, limits, DRMs, and what would be asked.
import { DRMS, type Drm } from '../../catalog/drm.js';
import {
  explainEntitlement,
  type AppliedRule,
  type ExaminedPurchase,
  type RentalClock,
} from '../../entitlements/entitlement-explanation.rules.js';
import type { EntitlementFacts, SpendingLimits } from '../../entitlements/entitlements.repository.js';
import type { Environment } from '../../environment.js';
import { drmFacts, type DrmFacts } from './drm-facts.js';
import type { OrderLabel, Spending } from './explain-facts.repository.js';

/** What is asked about. */
export interface Question {
  user: string;
  contentId: string;
  at: Date;
  /** One DRM; all of them when it is left out. */
  drm?: Drm | undefined;
  offline: boolean;
}

/** What the answer is made of. */
export interface Facts {
  entitlement: EntitlementFacts;
  orders: readonly OrderLabel[];
  /** Absent when no limit is set. */
  spending?: { limits: SpendingLimits; spent: Spending } | undefined;
}

/** One purchase that was looked at. */
export interface PurchaseFacts {
  purchaseId: string;
  externalId: string | null;
  type: ExaminedPurchase['purchase']['type'];
  purchasedAt: Date | null;
  revokedAt: Date | null;
  revocationReason: string | null;
  outcome: ExaminedPurchase['outcome'];
  rule: AppliedRule;
  reason: string | null;
  clock: RentalClock | null;
}

/** The answer, as `--json` has it. Moments are RFC 3339. */
export interface Explanation {
  user: string;
  contentId: string;
  at: Date;
  /** Whether a token would be sold now. */
  granted: boolean;
  /** The reason that the player and the ledger would get; null when granted. */
  reason: string | null;
  /** The rule that decided on the entitlement. */
  rule: AppliedRule;
  title: { availableFrom: Date | null; withdrawnAt: Date | null; state: string };
  purchases: PurchaseFacts[];
  limits: (Spending & { windowSeconds: number; perUser: number | null; perTitle: number | null }) | null;
  drms: DrmFacts[];
}

type Settings = Pick<
  Environment,
  | 'RENTAL_END_RULE'
  | 'TOKEN_TTL_SECONDS'
  | 'TOKEN_LIMIT_PER_USER'
  | 'TOKEN_LIMIT_PER_TITLE'
  | 'CONTENT_KEY_KEKS'
  | 'CONTENT_KEY_DELIVERY'
>;

/** Puts the answer together, in the order in which the service decides: entitlement, limits, DRM. */
export function explanationOf(
  question: Question,
  { entitlement: facts, orders, spending }: Facts,
  settings: Settings,
): Explanation {
  const { user, contentId, at, drm, offline } = question;
  const { content } = facts;
  const explained = explainEntitlement(content, facts.purchases, at, settings.RENTAL_END_RULE);
  const { decision } = explained;
  const drms = (drm === undefined ? DRMS : [drm]).map((one) =>
    drmFacts({ drm: one, offline, content, at, purchase: decision.entitled ? decision.purchase : undefined, settings }),
  );
  const reason = reasonOf(explained.decision, spending?.spent ?? null, drms);
  const labels = new Map(orders.map((order) => [order.purchaseId, order]));
  return {
    user,
    contentId,
    at,
    granted: reason === null,
    reason,
    rule: explained.rule,
    title: {
      availableFrom: content.availableFrom,
      withdrawnAt: content.withdrawnAt,
      state: explained.unavailable ?? 'available',
    },
    purchases: explained.purchases.map((one) => purchaseFacts(one, labels.get(one.purchase.id))),
    limits: spending === undefined ? null : limitFacts(spending, settings),
    drms,
  };
}

function reasonOf(
  decision: { entitled: true } | { entitled: false; reason: string },
  spent: Spending | null,
  drms: readonly DrmFacts[],
): string | null {
  if (!decision.entitled) return decision.reason;
  if (spent !== null && spent.limitedUntil !== null) return 'rate-limited';
  return drms.some(({ problem }) => problem === null) ? null : (drms[0]?.problem?.reason ?? null);
}

function purchaseFacts({ purchase, ...rest }: ExaminedPurchase, order: OrderLabel | undefined): PurchaseFacts {
  return {
    purchaseId: purchase.id,
    externalId: order?.externalId ?? null,
    type: purchase.type,
    purchasedAt: order?.purchasedAt ?? null,
    revokedAt: purchase.revokedAt,
    revocationReason: order?.revocationReason ?? null,
    ...rest,
  };
}

function limitFacts({ limits, spent }: NonNullable<Facts['spending']>, settings: Settings): Explanation['limits'] {
  const { TOKEN_LIMIT_PER_USER: perUser, TOKEN_LIMIT_PER_TITLE: perTitle } = settings;
  // 0 sets no limit.
  return { ...spent, windowSeconds: limits.windowSeconds, perUser: perUser || null, perTitle: perTitle || null };
}
