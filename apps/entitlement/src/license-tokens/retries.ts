// Asks ExpressPlay once more where no token can have been bought: the table in docs/resilience.md says when that is.
import { setTimeout as delay } from 'node:timers/promises';
import type { Budget } from '@app/platform/clock';
import { classifyRefusal, RefusedError, TransportError, type TransportFailureReason } from '@app/expressplay';
import { NotAskedError } from './license-tokens.errors.js';

/** Whether it is certain that nothing was sent, and another try may be luckier: what was sent may have bought a token. */
const NOT_CONNECTED: Readonly<Record<TransportFailureReason, boolean>> = {
  connect: true,
  'connect-timeout': true,
  timeout: false,
  reset: false,
  protocol: false,
  // Nothing was sent, but this process ends.
  closed: false,
  other: false,
};

export function isNotConnected(error: unknown): boolean {
  return error instanceof TransportError && NOT_CONNECTED[error.reason];
}

/** Whether the same request may be sent again: no token has been bought, and the next try may be luckier. */
export function mayBeAskedAgain(error: unknown): boolean {
  return isNotConnected(error) || (error instanceof RefusedError && classifyRefusal(error).retry);
}

/** Retries that a first try earns, in hundredths: in the long run they are a tenth of all calls. */
const EARNED = 10;
/** The most that are saved up, in hundredths: ten, also for a process that has only begun. */
const MOST_SAVED = 1000;

/** How many retries the process can afford, so that it does not double the load of an ExpressPlay that is down. */
export class RetryBudget {
  #saved = MOST_SAVED;

  /** A request was sent for the first time. */
  earn(): void {
    this.#saved = Math.min(MOST_SAVED, this.#saved + EARNED);
  }

  /** Takes one retry. @returns false when there is none left */
  spend(): boolean {
    if (this.#saved < 100) return false;
    this.#saved -= 100;
    return true;
  }
}

/** What became of a retry: a token, another failure, or none was made after all: for want of budget, or held back. */
export const RETRY_OUTCOMES = ['accepted', 'failed', 'withheld'] as const;
export type RetryOutcome = (typeof RETRY_OUTCOMES)[number];

export class Retries {
  readonly #budget = new RetryBudget();

  /** @param pauseMs most milliseconds before the second try; each waits for a fifth of it at least, and not all as long */
  constructor(private readonly pauseMs: number) {}

  /**
   * Asks, and once more if no token can have been bought and there is time.
   * @param neededMs how much of the budget a try needs to have left
   * @param budget of all tries together
   * @param retried is told what became of the second try
   * @throws what the last try throws
   */
  async run<T>(
    ask: () => Promise<T>,
    { budget, neededMs, retried }: { budget: Budget; neededMs: number; retried: (outcome: RetryOutcome) => void },
  ): Promise<T> {
    this.#budget.earn();
    try {
      return await ask();
    } catch (error) {
      if (!mayBeAskedAgain(error) || !(await this.#isWorthIt(budget, neededMs, retried))) throw error;
      return this.#askAgain(ask, error, retried);
    }
  }

  async #askAgain<T>(ask: () => Promise<T>, first: unknown, retried: (outcome: RetryOutcome) => void): Promise<T> {
    try {
      const answer = await ask();
      retried('accepted');
      return answer;
    } catch (error) {
      // Meanwhile nobody is let through: what ExpressPlay said, or did not, is the answer.
      const isHeldBack = error instanceof NotAskedError;
      retried(isHeldBack ? 'withheld' : 'failed');
      throw isHeldBack ? first : error;
    }
  }

  async #isWorthIt(budget: Budget, neededMs: number, retried: (outcome: RetryOutcome) => void): Promise<boolean> {
    const pauseMs = this.pauseMs * (0.2 + 0.8 * Math.random());
    if (budget.isAbandoned || budget.leftMs < pauseMs + neededMs) return false;
    if (!this.#budget.spend()) {
      retried('withheld');
      return false;
    }
    await delay(pauseMs, undefined, { signal: budget.signal }).catch(() => undefined);
    return !budget.isAbandoned;
  }
}
