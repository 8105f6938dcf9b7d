import { setImmediate as turn } from 'node:timers/promises';
import { AbandonedError, Budget } from '@app/platform/clock';
import { Logger } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';
import { DatabaseUnavailableError } from './database-fault.js';
import { ALONE, SharedRoundTrips } from './shared-round-trips.js';
import { Turns } from './turns.js';

/** @param connected settles when there is a connection; by default at once */
function doubling(
  many?: (questions: readonly number[]) => Promise<(number | typeof ALONE)[]>,
  connected: () => Promise<unknown> = () => Promise.resolve(),
) {
  const asked: (readonly number[])[] = [];
  const double = (question: number) => {
    if (question < 0) throw new Error(`${question} fails by itself`);
    return question * 2;
  };
  const roundTrips = new SharedRoundTrips<number, number>(
    {
      one: async (current) => {
        await connected();
        const question = current();
        asked.push([question]);
        return double(question);
      },
      many: async (current) => {
        await connected();
        const questions = current();
        asked.push(questions);
        const answers = many === undefined ? questions.map(double) : await many(questions);
        return (_, index) => answers[index]!;
      },
    },
    new Turns(2, 1000),
  );
  return { asked, ask: (question: number, budget?: Budget) => roundTrips.ask(question, budget) };
}

describe('what is asked', () => {
  it('alone is asked alone', async () => {
    const { asked, ask } = doubling();
    expect(await ask(1)).toBe(2);
    await turn();
    expect(await ask(2)).toBe(4);
    expect(asked).toEqual([[1], [2]]);
  });

  it('in one turn of the event loop is asked together, up to sixteen', async () => {
    const { asked, ask } = doubling();
    const questions = Array.from({ length: 33 }, (_, index) => index);
    expect(await Promise.all(questions.map((question) => ask(question)))).toEqual(
      questions.map((question) => question * 2),
    );
    expect(asked.map(({ length }) => length)).toEqual([16, 16, 1]);
  });

  it('and would have others wait is asked again alone', async () => {
    const { asked, ask } = doubling(async (questions) => questions.map((question) => (question === 2 ? ALONE : 0)));
    expect(await Promise.all([1, 2, 3].map((question) => ask(question)))).toEqual([0, 4, 0]);
    expect(asked).toEqual([[1, 2, 3], [2]]);
  });

  it('and fails by itself fails alone', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const { ask } = doubling();
    const outcomes = await Promise.allSettled([1, -2, 3].map((question) => ask(question)));
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
    expect(outcomes).toMatchObject([{ value: 2 }, { reason: { message: '-2 fails by itself' } }, { value: 6 }]);
  });

  it('of a database that is away fails, and is not asked again', async () => {
    const away = new DatabaseUnavailableError({ kind: 'session', found: 'x', advice: 'y' }, false);
    const { asked, ask } = doubling(() => Promise.reject(away));
    const outcomes = await Promise.allSettled([1, 2].map((question) => ask(question)));
    expect(outcomes).toEqual([
      { status: 'rejected', reason: away },
      { status: 'rejected', reason: away },
    ]);
    expect(asked).toEqual([[1, 2]]);
  });

  describe.each([
    ['before there is a connection', true],
    ['before the event loop has gone round', false],
  ])('and nobody waits for any more %s', (_name, waits) => {
    async function askAndAbandon(questions: number[], abandoned: number[]) {
      const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
      let connect = () => undefined as void;
      const connection = new Promise<void>((resolve) => (connect = resolve));
      const { asked, ask } = doubling(undefined, () => connection);
      const budgets = questions.map(() => new Budget(60_000));
      const outcomes = Promise.allSettled(questions.map((question, index) => ask(question, budgets[index])));
      if (waits) await turn();
      for (const [index, question] of questions.entries()) if (abandoned.includes(question)) budgets[index]!.abandon();
      connect();
      const answers = (await outcomes).map((outcome) =>
        outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as unknown),
      );
      expect(warn).not.toHaveBeenCalled();
      warn.mockRestore();
      return { asked, answers };
    }
    const gone = expect.any(AbandonedError);

    it('is not asked', async () => {
      expect(await askAndAbandon([1], [1])).toEqual({ asked: [], answers: [gone] });
    });

    it('is left out of what is asked together', async () => {
      const { asked, answers } = await askAndAbandon([1, 2, 3], [1]);
      expect(answers).toEqual([gone, 4, 6]);
      expect(asked).toEqual([[2, 3]]);
    });

    it('is not asked together', async () => {
      expect(await askAndAbandon([1, 2], [1, 2])).toEqual({ asked: [], answers: [gone, gone] });
    });
  });
});
