// The account's balance of tokens, which all DRMs share: once ExpressPlay has said that none is left (-2019), it is asked seldom.
import { Logger } from '@nestjs/common';
import { AbandonedError } from '@app/platform/clock';
import { classifyRefusal, InvalidTokenRequestError, RefusedError } from '@app/expressplay';
import { NotAskedError } from './license-tokens.errors.js';
import { isNotConnected } from './retries.js';

/** How long ExpressPlay is not asked for, in ms: at first, and at most, after several tries in vain. */
export interface BalancePauses {
  firstMs: number;
  longestMs: number;
}

/** Errors of calls that did not get as far as ExpressPlay. */
const UNSENT = [NotAskedError, InvalidTokenRequestError, AbandonedError];

export class Balance {
  readonly #logger = new Logger('ExpressPlay');
  /** 0 while there are tokens, as far as is known. */
  #pauseMs = 0;
  /** When the next try may be made. Not the time of day, which can be set back. */
  #nextTryAt = 0;

  constructor(private readonly pauses: BalancePauses) {}

  /** Whether no token has been bought since ExpressPlay last said that none is left. */
  get isExhausted(): boolean {
    return this.#pauseMs > 0;
  }

  /**
   * Makes a call. While the balance is exhausted, one call in each pause is a try, and no other is made.
   * @throws NotAskedError, and what the call throws
   */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const isTry = this.isExhausted;
    if (isTry) this.#beginTry();
    try {
      const answer = await call();
      if (this.isExhausted) this.#logger.log('ExpressPlay issues tokens again');
      this.#pauseMs = 0;
      return answer;
    } catch (error) {
      if (isExhausted(error)) this.#exhausted(isTry);
      // Nothing was sent after all: another request's may be.
      else if (isTry && wasNotSent(error)) this.#nextTryAt = 0;
      throw error;
    }
  }

  #beginTry(): void {
    const now = performance.now();
    if (now < this.#nextTryAt) throw new NotAskedError('balance', (this.#nextTryAt - now) / 1000);
    this.#nextTryAt = now + this.#pauseMs;
  }

  /** @param isTry calls that were under way already say nothing new */
  #exhausted(isTry: boolean): void {
    const { firstMs, longestMs } = this.pauses;
    if (!this.isExhausted) {
      this.#logger.warn('The account has no tokens left: ExpressPlay is asked now and then, until it issues one');
      this.#pauseMs = firstMs;
    } else if (isTry) this.#pauseMs = Math.min(longestMs, 2 * this.#pauseMs);
    else return;
    this.#nextTryAt = performance.now() + this.#pauseMs;
  }
}

function isExhausted(error: unknown): boolean {
  return error instanceof RefusedError && classifyRefusal(error).class === 'balance';
}

function wasNotSent(error: unknown): boolean {
  return isNotConnected(error) || UNSENT.some((kind) => error instanceof kind);
}
