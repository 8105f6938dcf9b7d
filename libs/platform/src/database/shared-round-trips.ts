// Round trips that requests share: what is asked in one turn of the event loop is asked in one statement.
import { Logger } from '@nestjs/common';
import { describeError } from '@app/platform/problems';
import { DatabaseUnavailableError } from './database-fault.js';
import type { Turns } from './turns.js';

/** In place of an answer: this question would have had the others wait, and is to be asked alone. */
export const ALONE = Symbol('alone');

/** How questions are asked. */
export interface RoundTrips<Q, A> {
  readonly one: (question: Q) => Promise<A>;
  /** Answers in the order of the questions. */
  readonly many: (questions: readonly Q[]) => Promise<readonly (A | typeof ALONE)[]>;
}

/** As many as one connection that stalls may hold up. */
const MOST_TOGETHER = 16;

interface Asked<Q, A> {
  readonly question: Q;
  readonly answer: (answer: A | Promise<A>) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Asks together what is asked before the event loop has gone round, which is at once: nobody waits for others to come. A question
 * that fails by itself fails alone; the database's being away is everybody's failure.
 */
export class SharedRoundTrips<Q, A> {
  readonly #logger = new Logger(SharedRoundTrips.name);
  #waiting: Asked<Q, A>[] = [];

  /** @param turns of questions that are asked alone, which may wait for somebody's lock */
  constructor(
    private readonly roundTrips: RoundTrips<Q, A>,
    private readonly turns: Turns,
  ) {}

  /** @throws DatabaseUnavailableError, and what asking this question throws */
  ask(question: Q): Promise<A> {
    if (this.#waiting.length === 0) setImmediate(() => this.#send());
    return new Promise<A>((answer, fail) => this.#waiting.push({ question, answer, fail }));
  }

  #send(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let start = 0; start < waiting.length; start += MOST_TOGETHER) {
      void this.#sendSome(waiting.slice(start, start + MOST_TOGETHER));
    }
  }

  async #sendSome(asked: readonly Asked<Q, A>[]): Promise<void> {
    // Where its turn would have to be waited for, a question that waits for no lock is spared that.
    const answers = asked.length === 1 && this.turns.areFree ? [ALONE] : await this.#together(asked);
    for (const [index, { question, answer }] of asked.entries()) {
      const found = answers?.[index];
      if (found === ALONE) answer(this.turns.take(() => this.roundTrips.one(question)));
      else if (answers !== undefined) answer(found as A);
    }
  }

  /** @returns undefined when all have failed */
  async #together(asked: readonly Asked<Q, A>[]): Promise<readonly (A | typeof ALONE)[] | undefined> {
    try {
      return await this.roundTrips.many(asked.map(({ question }) => question));
    } catch (error) {
      if (!(error instanceof DatabaseUnavailableError)) {
        this.#logger.warn({ err: describeError(error) }, 'what was asked together failed, and is asked one by one');
        return asked.map(() => ALONE);
      }
      for (const { fail } of asked) fail(error);
      return undefined;
    }
  }
}
