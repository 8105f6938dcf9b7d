// What the service must do, said as plainly as possible and with nothing of the service's own: numbers, lists and sorting.
// Written from the rules in docs/architecture.md ("The rules"), which the numbers in the comments refer to.
import type { RentalEndRule } from '../../apps/entitlement/src/entitlements/rental.rules.js';
import type { Answer, RentalTerms, Shown, Step } from './steps.js';

/** A purchase. Moments are milliseconds since 1970. */
export interface Order {
  /** Null: bought for good. */
  terms: RentalTerms | null;
  revoked: boolean;
  firstPlay: number | null;
}

/** A token that was asked for. */
interface Request {
  at: number;
  answer: Answer;
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
        this.orders.push({ terms: step.terms, revoked: false, firstPlay: null });
        return undefined;
      case 'amend':
        this.orders[step.order]!.terms = step.terms;
        return undefined;
      case 'revoke':
        this.orders[step.order]!.revoked = true;
        return undefined;
      case 'reinstate':
        this.orders[step.order]!.revoked = false;
        return undefined;
      case 'reset':
        this.orders[step.order]!.firstPlay = null;
        return undefined;
      case 'availability':
        this.#availableFrom = step.availableFrom;
        this.#withdrawnAt = step.withdrawnAt;
        return undefined;
      case 'time':
        this.now = step.now;
        return undefined;
      case 'ask': {
        const answer = this.answer();
        if (answer.entitled) answer.persistent = this.#isPersistent(answer, step);
        this.requests.push({ at: this.now, answer, settled: !answer.entitled });
        return answer;
      }
      case 'issue':
      case 'fail':
        this.#settle(this.requests[step.request]!, step.step === 'issue');
        return undefined;
    }
  }

  /** The answer at this moment, for a player that does not want to keep the licence; starts no clock. */
  answer(): Answer {
    const playable = this.orders.filter((order) => this.secondsLeft(order) >= 1);
    const titleIs = this.#titleReasons();
    if (playable.length > 0 && titleIs.length === 0) return this.#granted(this.#best(playable));
    // Where a purchase would do, only the title's own dates can stand in the way.
    const orderReasons = playable.length > 0 ? [] : this.orders.map((order) => this.#endedBecause(order));
    const reasons: Reason[] = [...orderReasons, ...titleIs, 'no-purchase'];
    return { entitled: false, reason: CLOSEST_FIRST.find((reason) => reasons.includes(reason))! };
  }

  /** What is shown before playing: an unstarted rental ends with its period and has all of its play duration. */
  shown(): Shown {
    const answer = this.answer();
    if (!answer.entitled) return answer;
    const { terms, firstPlay } = this.orders[answer.order]!;
    const { endsAt, seconds } = answer;
    if (terms === null || firstPlay !== null) return { entitled: true, endsAt, seconds, firstPlay };
    return { entitled: true, endsAt: terms.periodEndsAt, seconds: terms.playDurationSeconds, firstPlay };
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

  #granted(order: Order): Answer {
    const number = this.orders.indexOf(order);
    if (order.terms === null) return { entitled: true, order: number, endsAt: null, seconds: null, persistent: false };
    const endsAt = this.#endIfPlayedNow(order, order.terms);
    return { entitled: true, order: number, endsAt, seconds: this.secondsLeft(order), persistent: false };
  }

  /** Rule 6: rentals on PlayReady always, purchases on PlayReady if asked for and allowed. */
  #isPersistent({ seconds }: { seconds: number | null }, { drm, offline }: { drm: string; offline: boolean }): boolean {
    return drm === 'playready' && (seconds !== null || (offline && this.offlineAllowed));
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

  /** Rule 4: the first play is the moment of the first request that a token was issued for, and then stays. */
  #settle(request: Request, issued: boolean): void {
    if (request.settled) return;
    request.settled = true;
    if (!issued || !request.answer.entitled) return;
    const order = this.orders[request.answer.order]!;
    if (order.terms !== null && order.firstPlay === null) order.firstPlay = request.at;
  }
}

function windowEnd(firstPlay: number, { playDurationSeconds }: RentalTerms): number {
  return firstPlay + playDurationSeconds * 1000;
}
