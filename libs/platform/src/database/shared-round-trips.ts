// Round trips that requests share: what is asked in one turn of the event loop is asked in one statement.
import { Logger } from '@nestjs/common';
import { AbandonedError, type Budget } from '@app/platform/clock';
import { describeError } from '@app/platform/problems';
import { DatabaseUnavailableError } from './database-fault.js';
import type { Turns } from './turns.js';

/** In place of an answer: this question would have had the others wait, and is to be asked alone. */
export const ALONE = Symbol('alone');

/**
 * How questions are asked. Both are given what to call once the statement can be sent: it says what is still to be asked, or throws
 * AbandonedError when nobody waits for an answer any more.
 */
export interface RoundTrips<Q, A> {
  readonly one: (question: () => Q) => Promise<A>;
  /** @returns finds the answer to one of the questions, by its place among them */
  readonly many: (questions: () => readonly Q[]) => Promise<(question: Q, index: number) => A | typeof ALONE>;
}

/** As many as one connection that stalls may hold up. */
const MOST_TOGETHER = 16;

interface Asked<Q, A> {
  readonly question: Q;
  readonly budget: Budget | undefined;
  readonly answer: (answer: A | Promise<A>) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Asks together what is asked before the event loop has gone round, which is at once: nobody waits for others to come. A question
 * that fails by itself fails alone; the database's being away is everybody's failure. One that nobody waits for any more when there
 * is a connection is not asked.
 */
export class SharedRoundTrips<Q, A> {
  readonly #logger = new Logger(SharedRoundTrips.name);
  #waiting: Asked<Q, A>[] = [];

  /** @param turns of questions that are asked alone, which may wait for somebody's lock */
  constructor(
    private readonly roundTrips: RoundTrips<Q, A>,
    private readonly turns: Turns,
  ) {}

  /**
   * @param budget of whoever waits for the answer; without one it is asked in any case
   * @throws AbandonedError, DatabaseUnavailableError, and what asking this question throws
   */
  ask(question: Q, budget?: Budget): Promise<A> {
    if (this.#waiting.length === 0) setImmediate(() => this.#send());
    return new Promise<A>((answer, fail) => this.#waiting.push({ question, budget, answer, fail }));
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
    const isAlone = asked.length === 1 && this.turns.areFree;
    const left = isAlone ? asked : await this.#sendTogether(asked);
    for (const { question, budget, answer, fail } of left) {
      if (budget?.isAbandoned) fail(new AbandonedError());
      else {
        const current = () => {
          budget?.throwIfAbandoned();
          return question;
        };
        answer(this.turns.take(() => this.roundTrips.one(current)));
      }
    }
  }

  /** @returns those that are left to be asked alone, or that nobody waits for */
  async #sendTogether(asked: readonly Asked<Q, A>[]): Promise<readonly Asked<Q, A>[]> {
    let sent = asked;
    try {
      const answerOf = await this.roundTrips.many(() => {
        sent = asked.filter(({ budget }) => budget?.isAbandoned !== true);
        if (sent.length === 0) throw new AbandonedError();
        return sent.map(({ question }) => question);
      });
      const left = asked.filter((one) => !sent.includes(one));
      const answers = sent.map(({ question }, index) => answerOf(question, index));
      for (const [index, one] of sent.entries()) {
        const found = answers[index] as A | typeof ALONE;
        if (found === ALONE) left.push(one);
        else one.answer(found);
      }
      return left;
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) {
        for (const { fail } of asked) fail(error);
        return [];
      }
      if (!(error instanceof AbandonedError)) {
        this.#logger.warn({ err: describeError(error) }, 'what was asked together failed, and is asked one by one');
      }
      return asked;
    }
  }
}
