import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DatabaseUnavailableError } from './database-fault.js';
import { Turns } from './turns.js';

describe('turns', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are taken in order, so many at once, and handed on also by work that fails', async () => {
    const turns = new Turns(2, 1000);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const work = (n: number) =>
      turns.take(() => {
        begun.push(n);
        return new Promise<number>((resolve, reject) =>
          ends.push(() => (n === 0 ? reject(new Error('fails')) : resolve(n))),
        );
      });
    const all = Promise.allSettled([0, 1, 2, 3].map(work));
    expect([begun, turns.areFree]).toEqual([[0, 1], false]);
    for (let n = 0; n < 4; n += 1) {
      ends[n]?.();
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(begun).toEqual([0, 1, 2, 3]);
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    expect(turns.areFree).toBe(true);
  });

  it('that do not come in time are the failure of who waits, and of nobody else', async () => {
    const turns = new Turns(1, 1000);
    let end: () => void = () => undefined;
    const first = turns.take(() => new Promise<void>((resolve) => (end = resolve)));
    const second = turns.take(async () => undefined).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await second).toBeInstanceOf(DatabaseUnavailableError);
    expect(await second).toMatchObject({ mayBeStored: false, fault: { code: '55P03' } });
    end();
    await first;
    expect(await turns.take(async () => 'served')).toBe('served');
  });
});
