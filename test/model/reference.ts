// What the service must do, said as plainly as possible and with nothing of the service's own: numbers, lists and sorting.
// Written from the rules in docs/architecture.md ("The rules"), which the numbers in the comments refer to.
import type { Drm } from '../../apps/entitlement/src/catalog/content.js';
import type { RentalEndRule } from '../../apps/entitlement/src/entitlements/rental.rules.js';
import type { Answer, RentalTerms, Shown, Step } from './steps.js';

/** A purchase. Moments are milliseconds since 1970. */
export interface Order {
  /** Null: bought for good. */
  terms: RentalTerms | null;
  revoked: boolean;
  firstPlay: number | null;
  /** How often the store changed it, and how often customer support reset it. */
  changes: number;
  resets: number;
}

/** What is asked for. */
interface Asked {
  drm: Drm;
  offline: boolean;
}

/** A token that was asked for. */
interface Request {
  at: number;
  answer: Answer;
  /** The order that is granted, as it was then. */
  seen: Order | undefined;
  /** Whether ExpressPlay has answered, or failed, or was never asked. */
  settled: boolean;
}

/** Rule 5: from the closest to being allowed to the farthest. */
const CLOSEST_FIRST = [
  'play-window-ended',
  'rental-period-ended',
  'purchase-revoked',
  'not-yet-available',
  'content-withdrawn',
  'no-purchase',
] as const;
type Reason = (typeof CLOSEST_FIRST)[number];

export class Reference {
  readonly orders: Order[] = [];
  readonly requests: Request[] = [];
  #availableFrom: number | null = null;
  #withdrawnAt: number | null = null;

  constructor(
    private readonly rule: RentalEndRule,
    private readonly offlineAllowed: boolean,
    public now: number,
  ) {}

  /** Takes a step; one that asks for a token is answered. */
  take(step: Step): Answer | undefined {
    switch (step.step) {
      case 'sell':
        this.orders.push({ terms: step.terms, revoked: false, firstPlay: null, changes: 0, resets: 0 });
        return undefined;
      case 'amend':
        this.orders[step.order]!.terms = step.terms;
        this.orders[step.order]!.changes += 1;
        return undefined;
      case 'revoke':
        this.orders[step.order]!.revoked = true;
        return undefined;
      case 'reinstate':
        this.orders[step.order]!.revoked = false;
        return undefined;
      case 'reset':
        this.orders[step.order]!.firstPlay = null;
        this.orders[step.order]!.resets += 1;
        return undefined;
      case 'availability':
        this.#availableFrom = step.availableFrom;
        this.#withdrawnAt = step.withdrawnAt;
        return undefined;
      case 'time':
        this.now = step.now;
        return undefined;
      case 'ask': {
        const answer = this.answer(step);
        const seen = answer.entitled ? { ...this.orders[answer.order]! } : undefined;
        this.requests.push({ at: this.now, answer, seen, settled: !answer.entitled });
        return answer;
      }
      case 'issue':
      case 'fail':
        this.#settle(this.requests[step.request]!, step.step === 'issue');
        return undefined;
    }
  }

  /** The answer at this moment; starts no clock. */
  answer(asked: Asked): Answer {
    const playable = this.orders.filter((order) => this.isPlayable(order));
    const titleIs = this.#titleReasons();
    if (playable.length > 0 && titleIs.length === 0) return this.#granted(this.#best(playable), asked);
    // Where a purchase would do, only the title's own dates can stand in the way.
    const orderReasons = playable.length > 0 ? [] : this.orders.map((order) => this.#endedBecause(order));
    const reasons: Reason[] = [...orderReasons, ...titleIs, 'no-purchase'];
    return { entitled: false, reason: CLOSEST_FIRST.find((reason) => reasons.includes(reason))! };
  }

  /** What is shown before playing: an unstarted rental ends with its period and has all of its play duration. */
  shown(): Shown {
    const answer = this.answer({ drm: 'playready', offline: false });
    if (!answer.entitled) return answer;
    const { terms, firstPlay } = this.orders[answer.order]!;
    const { endsAt, seconds } = answer;
    if (terms === null || firstPlay !== null) return { entitled: true, endsAt, seconds, firstPlay };
    return { entitled: true, endsAt: terms.periodEndsAt, seconds: terms.playDurationSeconds, firstPlay };
  }

  /** One second for the token, one for the licence. */
  isPlayable(order: Order): boolean {
    return this.secondsLeft(order) >= 2;
  }

  /** Whole seconds that an order could be played for from this moment; 0: not at all. */
  secondsLeft(order: Order): number {
    if (order.revoked) return 0;
    if (order.terms === null) return Infinity;
    if (order.firstPlay === null && this.now >= order.terms.periodEndsAt) return 0;
    const seconds = Math.floor((this.#endIfPlayedNow(order, order.terms) - this.now) / 1000);
    // A clock behind the one that wrote the first play must not see more than was sold.
    return Math.min(Math.max(seconds, 0), order.terms.playDurationSeconds);
  }

  /** Every moment that something hinges on, the earliest first. */
  get edges(): number[] {
    const moments = this.orders.flatMap(({ terms, firstPlay }) => {
      if (terms === null) return [];
      return firstPlay === null ? [terms.periodEndsAt] : [terms.periodEndsAt, windowEnd(firstPlay, terms)];
    });
    if (this.#availableFrom !== null) moments.push(this.#availableFrom);
    if (this.#withdrawnAt !== null) moments.push(this.#withdrawnAt);
    return moments.sort((a, b) => a - b);
  }

  /** Rule 3. */
  #endIfPlayedNow({ firstPlay }: Order, terms: RentalTerms): number {
    const window = windowEnd(firstPlay ?? this.now, terms);
    return this.rule === 'either' ? Math.min(window, terms.periodEndsAt) : window;
  }

  /** Rules 1 and 2: the lowest class first, then the lowest number within it, then the order of purchase. */
  #best(playable: Order[]): Order {
    const place = (order: Order): [number, number] => {
      if (order.terms === null) return [1, 0];
      if (order.firstPlay !== null) return [2, -this.#endIfPlayedNow(order, order.terms)];
      return [3, order.terms.periodEndsAt];
    };
    const [best] = playable.toSorted((one, other) => {
      const [a, b] = [place(one), place(other)];
      return a[0] - b[0] || a[1] - b[1];
    });
    return best!;
  }

  /**
   * Rule 6. Persistent: on PlayReady rentals always, on PlayReady and Widevine purchases if asked for and allowed. A token ends with a whole second, after
   * five minutes, of rentals after one or after half of what is left; the other DRMs' licences give that up.
   */
  #granted(order: Order, { drm, offline }: Asked): Answer {
    const granted = { entitled: true as const, order: this.orders.indexOf(order) };
    const onPlayReady = drm === 'playready';
    const inSeconds = (life: number) => this.now - (this.now % 1000) + life * 1000;
    if (order.terms === null) {
      const persistent = drm !== 'fairplay' && offline && this.offlineAllowed;
      return { ...granted, endsAt: null, seconds: null, persistent, tokenEndsAt: inSeconds(300) };
    }
    const left = this.secondsLeft(order);
    const life = left > 120 ? 60 : (left - (left % 2)) / 2;
    return {
      ...granted,
      endsAt: this.#endIfPlayedNow(order, order.terms),
      seconds: onPlayReady ? left : left - life,
      persistent: onPlayReady,
      tokenEndsAt: inSeconds(life),
    };
  }

  #endedBecause({ terms, revoked, firstPlay }: Order): Reason {
    if (revoked || terms === null) return 'purchase-revoked';
    if (firstPlay === null) return 'rental-period-ended';
    if (this.rule === 'start-by') return 'play-window-ended';
    // Whichever limit came first has ended it; where both are one moment, the closer reason.
    return terms.periodEndsAt < windowEnd(firstPlay, terms) ? 'rental-period-ended' : 'play-window-ended';
  }

  #titleReasons(): Reason[] {
    if (this.#availableFrom !== null && this.now < this.#availableFrom) return ['not-yet-available'];
    if (this.#withdrawnAt !== null && this.now >= this.#withdrawnAt) return ['content-withdrawn'];
    return [];
  }

  /**
   * Rule 4: the first play is the moment of the first request that a token was issued for, and then stays. What the store changed
   * or customer support reset since that request is not started by it.
   */
  #settle(request: Request, issued: boolean): void {
    if (request.settled) return;
    request.settled = true;
    const { answer, seen, at } = request;
    if (!issued || !answer.entitled || seen?.terms == null || seen.firstPlay !== null) return;
    const order = this.orders[answer.order]!;
    if (order.changes === seen.changes && order.resets === seen.resets) order.firstPlay ??= at;
  }
}

function windowEnd(firstPlay: number, { playDurationSeconds }: RentalTerms): number {
  return firstPlay + playDurationSeconds * 1000;
}
