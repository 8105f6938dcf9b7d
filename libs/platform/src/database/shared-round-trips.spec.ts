import { setImmediate as turn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';
import { DatabaseUnavailableError } from './database-fault.js';
import { ALONE, SharedRoundTrips } from './shared-round-trips.js';
import { Turns } from './turns.js';

function doubling(many?: (questions: readonly number[]) => Promise<(number | typeof ALONE)[]>) {
  const asked: (readonly number[])[] = [];
  const double = (question: number) => {
    if (question < 0) throw new Error(`${question} fails by itself`);
    return question * 2;
  };
  const roundTrips = new SharedRoundTrips<number, number>(
    {
      one: async (question) => {
        asked.push([question]);
        return double(question);
      },
      many: async (questions) => {
        asked.push(questions);
        return many === undefined ? questions.map(double) : many(questions);
      },
    },
    new Turns(2, 1000),
  );
  return { asked, ask: (question: number) => roundTrips.ask(question) };
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
    expect(await Promise.all(questions.map(ask))).toEqual(questions.map((question) => question * 2));
    expect(asked.map(({ length }) => length)).toEqual([16, 16, 1]);
  });

  it('and would have others wait is asked again alone', async () => {
    const { asked, ask } = doubling(async (questions) => questions.map((question) => (question === 2 ? ALONE : 0)));
    expect(await Promise.all([1, 2, 3].map(ask))).toEqual([0, 4, 0]);
    expect(asked).toEqual([[1, 2, 3], [2]]);
  });

  it('and fails by itself fails alone', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const { ask } = doubling();
    const outcomes = await Promise.allSettled([1, -2, 3].map(ask));
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
    expect(outcomes).toMatchObject([{ value: 2 }, { reason: { message: '-2 fails by itself' } }, { value: 6 }]);
  });

  it('of a database that is away fails, and is not asked again', async () => {
    const away = new DatabaseUnavailableError({ kind: 'session', found: 'x', advice: 'y' }, false);
    const { asked, ask } = doubling(() => Promise.reject(away));
    const outcomes = await Promise.allSettled([1, 2].map(ask));
    expect(outcomes).toEqual([
      { status: 'rejected', reason: away },
      { status: 'rejected', reason: away },
    ]);
    expect(asked).toEqual([[1, 2]]);
  });
});
