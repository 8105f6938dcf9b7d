// The whole answer to "why may, or may not, this user play this title": entitlement, limits, DRMs, and what would be asked.
import type { ContentKeySource, TokenRequest } from '@app/expressplay';
import { type Content, type Drm, DRMS, type Track } from '../../catalog/content.js';
import {
  type AppliedRule,
  type ExaminedPurchase,
  explainEntitlement,
} from '../../entitlements/entitlement-explanation.rules.js';
import type { Quality } from '../../entitlements/entitlement.rules.js';
import type { EntitlementFacts, SpendingLimits } from '../../entitlements/decision.query.js';
import type { Environment } from '../../environment.js';
import type { RefusalReason } from '../../ledger/issuance.js';
import { contentKeySources } from '../../license-tokens/content-keys.js';
import { grantedKeys, type LeftOut, leftOutBecause } from '../../license-tokens/granted-keys.js';
import { DrmNotAvailableError, KeyUnavailableError, noTermsError } from '../../license-tokens/license-tokens.errors.js';
import { refusalOfTerms, type TokenTerms, tokenTerms } from '../../license-tokens/rights.js';
import { tokenRequest } from '../../license-tokens/token-request.js';
import type { Purchase } from '../../purchases/purchase.js';
import type { OrderLabel, Spending } from './explain-facts.repository.js';

interface Question extends Pick<Explanation, 'user' | 'contentId' | 'at'> {
  /** One DRM; all of them when it is left out. */
  drm?: Drm | undefined;
  offline: boolean;
}

interface Facts {
  entitlement: EntitlementFacts;
  orders: readonly OrderLabel[];
  /** Absent when no limit is set. */
  spending?: (Spending & Pick<SpendingLimits, 'windowSeconds'>) | undefined;
}

export interface PurchaseFacts extends Omit<ExaminedPurchase, 'purchase'>, Pick<Purchase, 'type' | 'revokedAt'> {
  purchaseId: string;
  externalId: string | null;
  purchasedAt: Date | null;
  revocationReason: string | null;
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
  rule: AppliedRule;
  title: { availableFrom: Date | null; withdrawnAt: Date | null; state: string };
  purchases: PurchaseFacts[];
  limits: (Spending & { windowSeconds: number; perUser: number | null; perTitle: number | null }) | null;
  drms: DrmFacts[];
}

/** Puts the answer together, in the order in which the service decides: entitlement, limits, DRM. */
export function explanationOf(
  question: Question,
  { entitlement: facts, orders, spending }: Facts,
  settings: Environment,
): Explanation {
  const { user, contentId, at, drm, offline } = question;
  const { content } = facts;
  // 0 sets no limit.
  const { TOKEN_LIMIT_PER_USER: perUser, TOKEN_LIMIT_PER_TITLE: perTitle } = settings;
  const explained = explainEntitlement(content, facts.purchases, at, settings.RENTAL_END_RULE);
  const { decision } = explained;
  const granted = decision.entitled ? decision : undefined;
  const drms = (drm === undefined ? DRMS : [drm]).map((one) => drmFacts(one, offline, content, at, granted, settings));
  const reason = reasonOf(decision, spending?.limitedUntil ?? null, drms);
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
    purchases: explained.purchases.map(({ purchase: { id: purchaseId, type, revokedAt }, ...rest }) => {
      const { externalId = null, purchasedAt = null, revocationReason = null } = labels.get(purchaseId) ?? {};
      return { purchaseId, externalId, type, purchasedAt, revokedAt, revocationReason, ...rest };
    }),
    limits: spending === undefined ? null : { ...spending, perUser: perUser || null, perTitle: perTitle || null },
    drms,
  };
}

function reasonOf(
  decision: { entitled: true } | { entitled: false; reason: string },
  limitedUntil: Date | null,
  drms: readonly DrmFacts[],
): string | null {
  if (!decision.entitled) return decision.reason;
  if (limitedUntil !== null) return 'rate-limited';
  return drms.some(({ problem }) => problem === null) ? null : (drms[0]?.problem?.reason ?? null);
}

export interface DrmFacts {
  drm: Drm;
  /** What stands in the way of this DRM alone; null when nothing does. */
  problem: { reason: RefusalReason; detail: string } | null;
  /** All keys of the title. Those that are not left out are granted: one token has them all, or, for FairPlay, the one it is asked for. */
  keys: KeyFacts[];
  /** What a token would be asked for with. Key, authenticator and cookie are left out. */
  asked:
    | (TokenTerms & {
        /** What the token carries; for FairPlay the first key that a request may name. */
        keys: { kid: string; tracks: Track[] }[];
        keyDelivery: 'wrapped' | 'key-storage' | 'clear';
        kekId: string;
        request: Record<string, unknown>;
      })
    | null;
}

/** What a token of a DRM has of one key. Never the key. */
export interface KeyFacts {
  kid: string;
  /** What it is for; none means all. */
  tracks: Track[];
  /** Why it is left out; null when it is granted. */
  leftOut: LeftOut | null;
}

/** What the DRM is tried with where no purchase entitles. */
const OWNED: Purchase = { type: 'buy-to-own', id: '', revokedAt: null };

function drmFacts(
  drm: Drm,
  offline: boolean,
  content: Content,
  at: Date,
  granted: { purchase: Purchase; quality: Quality } | undefined,
  settings: Environment,
): DrmFacts {
  const { purchase, quality = 'uhd2' } = granted ?? {};
  const all = content.keys.map((key): KeyFacts => {
    return { kid: key.kid, tracks: key.tracks, leftOut: leftOutBecause(key, { drm, quality }) ?? null };
  });
  const inTheWay = (problem: DrmFacts['problem']): DrmFacts => ({ drm, problem, keys: all, asked: null });
  const refusal = refusalOfTerms(purchase ?? OWNED, at, settings, { drm, offline });
  if (refusal !== undefined) return inTheWay({ reason: refusal, detail: noTermsError(refusal).message });
  const terms = tokenTerms(purchase ?? OWNED, at, settings, { drm, offline, policy: content.outputPolicy });
  if (content.keys.every(({ key }) => key === null))
    return inTheWay({ reason: 'drm-not-available', detail: 'the title has no content key' });
  const keks = settings.CONTENT_KEY_KEKS.current;
  let sources: ContentKeySource[] = [];
  try {
    // The very code that does it for a player, in its order, so that the first thing in the way is the same.
    const named = drm === 'fairplay' ? all.find(({ leftOut }) => leftOut === null) : undefined;
    const keys = grantedKeys(content, { drm, quality, kid: named?.kid });
    const stored = keys.map(({ key }) => key);
    sources = contentKeySources(
      stored,
      (id) => keks.get(id),
      () => keks.first(),
      settings.CONTENT_KEY_DELIVERY,
    );
    const sourced = keys.map((key, index) => ({ ...key, source: sources[index]! }));
    const request = withoutSecrets(tokenRequest({ drm, content, keys: sourced, ...terms, cookie: '' }));
    const kids = keys.map(({ kid, tracks }) => ({ kid, tracks }));
    const [{ kind: keyDelivery }, { kekId }] = [sources[0]!, stored[0]!];
    return {
      drm,
      problem: null,
      keys: all,
      asked: purchase === undefined ? null : { ...terms, keys: kids, keyDelivery, kekId, request },
    };
  } catch (error) {
    if (error instanceof KeyUnavailableError) {
      const { message: detail } = error.cause instanceof Error ? error.cause : error;
      return inTheWay({ reason: 'key-unavailable', detail });
    }
    if (error instanceof DrmNotAvailableError) return inTheWay({ reason: 'drm-not-available', detail: LACKS[drm] });
    throw error;
  } finally {
    for (const source of sources) if (source.kind === 'clear') source.contentKey.fill(0);
  }
}

function withoutSecrets({ cookie: _cookie, expiresAt: _expiry, ...request }: TokenRequest): Record<string, unknown> {
  const { key: _key, otherKeys, ...others } = request as typeof request & { otherKeys?: readonly object[] };
  if (otherKeys === undefined) return others;
  return { ...others, otherKeys: otherKeys.map((one) => ({ ...one, key: undefined })) };
}

const LACKS: Record<Drm, string> = {
  playready: 'the title lacks what PlayReady needs',
  fairplay: 'the title has no IV',
  widevine: 'its output policy has no Widevine security level and HDCP version',
};
