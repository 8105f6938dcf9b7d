import { describe, expect, it, vi } from 'vitest';
import { AbandonedError, Budget } from './budget.js';

describe('a budget', () => {
  it('says what is left, and never less than nothing', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(100);
    const budget = new Budget(50);
    now.mockReturnValue(130);
    expect(budget.leftMs).toBe(20);
    now.mockReturnValue(151);
    expect(budget.leftMs).toBe(0);
    now.mockRestore();
  });

  it.each([
    ['before', true],
    ['after', false],
  ])('that is abandoned aborts its signal, also one that was asked for %s', (_name, before) => {
    const budget = new Budget(Infinity);
    const early = before ? budget.signal : undefined;
    expect([budget.isAbandoned, early?.aborted ?? false]).toEqual([false, false]);
    expect(() => budget.throwIfAbandoned()).not.toThrow();
    budget.abandon();
    expect([budget.isAbandoned, budget.signal.aborted]).toEqual([true, true]);
    expect(budget.signal.reason).toBeInstanceOf(AbandonedError);
    expect(budget.signal).toBe(early ?? budget.signal);
    expect(() => budget.throwIfAbandoned()).toThrow(AbandonedError);
  });

  it('is abandoned once', () => {
    const budget = new Budget(Infinity);
    const acts: string[] = [];
    budget.onAbandon(() => acts.push('one'));
    budget.onAbandon(() => acts.push('two'));
    budget.abandon();
    budget.abandon();
    budget.onAbandon(() => acts.push('late'));
    expect(acts).toEqual(['one', 'two', 'late']);
  });

  it('gives a part, which keeps time for what comes after it and is abandoned with the whole', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(100);
    const whole = new Budget(50);
    expect([whole.part(20).leftMs, whole.part(Infinity, 20).leftMs, whole.part(40, 60).leftMs]).toEqual([20, 30, 0]);
    now.mockRestore();
    const part = whole.part(20);
    part.abandon();
    expect(whole.isAbandoned).toBe(false);
    const other = whole.part(20);
    whole.abandon();
    expect([other.isAbandoned, whole.part(1).isAbandoned]).toEqual([true, true]);
  });
});
