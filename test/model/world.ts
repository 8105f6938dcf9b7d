// The service's own rules, driven through the thinnest of worlds: what the repositories keep, kept in a list.
import type { Drm } from '../../apps/entitlement/src/catalog/content.js';
import type * as entitlementRules from '../../apps/entitlement/src/entitlements/entitlement.rules.js';
import type { RentalEndRule } from '../../apps/entitlement/src/entitlements/rental.rules.js';
import type * as rightsModule from '../../apps/entitlement/src/license-tokens/rights.js';
import type { Purchase, Rental } from '../../apps/entitlement/src/purchases/purchase.js';
import type { Answer, RentalTerms, Step } from './steps.js';

/** The functions under test. */
export type Rules = Pick<typeof entitlementRules, 'decideEntitlement' | 'isLive'> &
  Pick<typeof rightsModule, 'tokenTerms'>;

/** A granted request, waiting for ExpressPlay. */
interface Granted {
  purchase: Purchase;
  /** The purchase as it was decided on. */
  seen: Purchase;
  decidedAt: Date;
}

/** The defaults of the service. */
export const DEFAULTS = {
  TOKEN_TTL_SECONDS: 300,
  WIDEVINE_GENERAL_FLAGS: '8-digits',
  WIDEVINE_LICENSE_DURATION: 'play-time',
} as const;

export class World {
  readonly purchases: Purchase[] = [];
  readonly #requests: (Granted | undefined)[] = [];
  #content: { availableFrom: Date | null; withdrawnAt: Date | null } = { availableFrom: null, withdrawnAt: null };
  #now: Date;

  constructor(
    private readonly rules: Rules,
    private readonly rule: RentalEndRule,
    private readonly offlineAllowed: boolean,
    now: number,
  ) {
    this.#now = new Date(now);
  }

  get now(): number {
    return this.#now.getTime();
  }

  /** Takes a step; one that asks for a token is answered. */
  take(step: Step): Answer | undefined {
    switch (step.step) {
      case 'sell':
        this.purchases.push(purchaseOf(String(this.purchases.length), step.terms));
        return undefined;
      case 'amend':
        this.#change(step.order, ({ version }) => ({ ...termsOf(step.terms), version: version + 1n }));
        return undefined;
      case 'revoke':
        this.purchases[step.order]!.revokedAt = this.#now;
        return undefined;
      case 'reinstate':
        this.purchases[step.order]!.revokedAt = null;
        return undefined;
      case 'reset':
        this.#change(step.order, ({ firstPlayResetId }) => ({
          firstPlayAt: null,
          firstPlayResetId: `${firstPlayResetId ?? ''}+`,
        }));
        return undefined;
      case 'availability':
        this.#content = { availableFrom: moment(step.availableFrom), withdrawnAt: moment(step.withdrawnAt) };
        return undefined;
      case 'time':
        this.#now = new Date(step.now);
        return undefined;
      case 'ask':
        return this.ask(step);
      case 'issue': {
        const granted = this.#requests[step.request];
        this.#requests[step.request] = undefined;
        if (granted !== undefined) this.recordGranted(granted);
        return undefined;
      }
      case 'fail':
        this.#requests[step.request] = undefined;
        return undefined;
    }
  }

  /** What is decided at this moment; starts no clock. */
  answer({ drm, offline }: { drm: Drm; offline: boolean }): Answer {
    return this.#decide(drm, offline).answer;
  }

  /** Whether a purchase is listed as live. */
  isLive(purchase: Purchase): boolean {
    return this.rules.isLive(purchase, this.#now, this.rule);
  }

  /** Seconds that a token of a rental would carry if it were played now; 0 when it is not live. */
  secondsLeft(purchase: Purchase): number {
    if (!this.isLive(purchase)) return 0;
    return this.#terms(purchase, 'playready', false).rights.playDurationSeconds ?? 0;
  }

  /** As the service does: decides, and asks ExpressPlay when the decision is yes. */
  protected ask({ drm, offline }: { drm: Drm; offline: boolean }): Answer {
    const { answer, granted } = this.#decide(drm, offline);
    this.#requests.push(granted);
    return answer;
  }

  /**
   * As the ledger's statement does: the first play is written if none was or is there, of the order as it was decided on, and
   * unless customer support has decided otherwise. What the service does instead of a token is one more `ask`.
   */
  protected recordGranted({ purchase, seen, decidedAt }: Granted): void {
    if (purchase.type !== 'rental' || seen.type !== 'rental' || seen.firstPlayAt !== null) return;
    const stands = purchase.version === seen.version && purchase.firstPlayResetId === seen.firstPlayResetId;
    if (stands) purchase.firstPlayAt ??= decidedAt;
  }

  #change(order: number, change: (rental: Rental) => Partial<Rental>): void {
    const purchase = this.purchases[order]!;
    if (purchase.type === 'rental') Object.assign(purchase, change(purchase));
  }

  #terms(purchase: Purchase, drm: Drm, offline: boolean) {
    const policy = { offlineAllowed: this.offlineAllowed, offlineLicenseSeconds: null };
    const settings = { ...DEFAULTS, RENTAL_END_RULE: this.rule };
    return this.rules.tokenTerms(purchase, this.#now, settings, { drm, offline, policy });
  }

  #decide(drm: Drm, offline: boolean): { answer: Answer; granted: Granted | undefined } {
    const entitlement = this.rules.decideEntitlement(this.#content, this.purchases, this.#now, this.rule);
    if (!entitlement.entitled) return { answer: entitlement, granted: undefined };
    const { purchase } = entitlement;
    const { rights: asked, tokenExpiresAt } = this.#terms(purchase, drm, offline);
    const { endsAt, playDurationSeconds: seconds, persistent } = asked;
    const rights = { endsAt: endsAt?.getTime() ?? null, seconds, persistent, tokenEndsAt: tokenExpiresAt.getTime() };
    return {
      answer: { entitled: true, order: Number(purchase.id), ...rights },
      granted: { purchase, seen: { ...purchase }, decidedAt: this.#now },
    };
  }
}

function purchaseOf(id: string, terms: RentalTerms | null): Purchase {
  if (terms === null) return { type: 'buy-to-own', id, revokedAt: null };
  return {
    type: 'rental',
    id,
    revokedAt: null,
    firstPlayAt: null,
    version: 1n,
    firstPlayResetId: null,
    ...termsOf(terms),
  };
}

function termsOf({ periodEndsAt, playDurationSeconds }: RentalTerms) {
  return { periodEndsAt: new Date(periodEndsAt), playDurationSeconds };
}

function moment(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}
