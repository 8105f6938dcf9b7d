import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Listeners } from './index.js';

describe('Listeners', () => {
  const logged: unknown[][] = [];
  const log = { log: () => undefined, warn: () => undefined, error: (...line: unknown[]) => void logged.push(line) };
  beforeEach(() => Logger.overrideLogger(log));
  afterEach(() => {
    Logger.overrideLogger(new Logger());
    logged.length = 0;
  });

  it('are told, whatever another one does, and the log has what went wrong, scrubbed', () => {
    const listeners = new Listeners<number>('numbers');
    const told: number[] = [];
    const secret = `201722,${'ab12'.repeat(8)}`;
    listeners.subscribe(() => {
      throw Object.assign(new Error(`customerAuthenticator=${secret}`), { request: { secret } });
    });
    listeners.subscribe((number) => told.push(number));
    listeners.report(1);
    expect(told).toEqual([1]);
    expect(logged).toMatchObject([[{ err: { type: 'Error' } }, 'a listener to numbers failed', 'Listeners']]);
    expect(JSON.stringify(logged)).not.toContain('ab12ab12');
  });

  it('hear no more when they have had enough', () => {
    const listeners = new Listeners<number>('numbers');
    const told: number[] = [];
    const unsubscribe = listeners.subscribe((number) => told.push(number));
    listeners.report(1);
    unsubscribe();
    listeners.report(2);
    expect(told).toEqual([1]);
  });
});
