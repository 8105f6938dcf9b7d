import { ManualClock } from '@app/platform/clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { RecentAnswer } from './recent-answer.js';

let clock: ManualClock;
let asked: { resolve: (answer: number) => void; reject: (error: Error) => void }[];
let recent: RecentAnswer<number>;
beforeEach(() => {
  clock = new ManualClock(new Date('2026-11-21T10:00:00Z'));
  asked = [];
  const ask = () => new Promise<number>((resolve, reject) => asked.push({ resolve, reject }));
  recent = new RecentAnswer(ask, 1000, clock);
});

describe('RecentAnswer', () => {
  it('asks once for all who come while it is under way, however long that takes', async () => {
    const first = recent.get();
    clock.advance(60);
    const second = recent.get();
    asked[0]?.resolve(1);
    expect([await first, await second, asked.length]).toEqual([1, 1, 1]);
  });

  it('keeps an answer for its time from its arrival', async () => {
    const first = recent.get();
    clock.advance(60);
    asked[0]?.resolve(1);
    await first;
    clock.advance(0.999);
    expect(await recent.get()).toBe(1);
    clock.advance(0.001);
    const second = recent.get();
    asked[1]?.resolve(2);
    expect([await second, asked.length]).toEqual([2, 2]);
  });

  it('keeps a failure as long', async () => {
    const first = recent.get();
    asked[0]?.reject(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await expect(recent.get()).rejects.toThrow('away');
    clock.advance(1);
    const second = recent.get();
    asked[1]?.resolve(2);
    expect(await second).toBe(2);
  });

  it('does not keep an answer of the future after the clock was set back', async () => {
    const first = recent.get();
    asked[0]?.resolve(1);
    await first;
    clock.advance(-3600);
    void recent.get();
    expect(asked).toHaveLength(2);
  });
});
