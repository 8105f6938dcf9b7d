import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AbandonedError } from '@app/platform/clock';
import { InvalidTokenRequestError, RefusedError, TransportError } from '@app/expressplay';
import { Balance } from './balance.js';
import { NotAskedError } from './license-tokens.errors.js';
import { deferred } from '../testing/deferred.js';

const exhausted = new RefusedError(400, -2019, '');

let balance: Balance;
let made: number;
beforeEach(() => {
  Logger.overrideLogger(false);
  vi.useFakeTimers();
  balance = new Balance({ firstMs: 10_000, longestMs: 60_000 });
  made = 0;
});
afterEach(() => vi.useRealTimers());

function ask(answer: unknown): Promise<unknown> {
  const call = () => {
    made += 1;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return balance.run(call).catch((error: unknown) => error);
}

const heldBack = (retryAfterSeconds: number) =>
  expect.objectContaining({ constructor: NotAskedError, why: 'balance', retryAfterSeconds });

it('calls are made while there are tokens, whatever else fails', async () => {
  expect(await ask('token')).toBe('token');
  await ask(new RefusedError(401, -2018, ''));
  await ask(new TransportError('timeout'));
  expect(await ask('token')).toBe('token');
  expect(balance.isExhausted).toBe(false);
});

it('after the first refusal one call in each pause is made, and pauses grow to a minute', async () => {
  expect(await ask(exhausted)).toBe(exhausted);
  expect(balance.isExhausted).toBe(true);
  for (const seconds of [10, 20, 40, 60, 60]) {
    expect(await ask('token')).toMatchObject({ code: 'token-balance-exhausted', reason: 'token-balance-exhausted' });
    expect(await ask('token')).toEqual(heldBack(seconds));
    vi.advanceTimersByTime(seconds * 1000 - 500);
    expect(await ask('token')).toEqual(heldBack(1));
    vi.advanceTimersByTime(500);
    expect(await ask(exhausted)).toBe(exhausted);
  }
  expect(made).toBe(6);
});

it('a try that was not sent is no try: another may be made at once', async () => {
  for (const unsent of [new TransportError('connect'), new TransportError('connect-timeout'), new AbandonedError()]) {
    await ask(exhausted);
    vi.advanceTimersByTime(60_000);
    expect(await ask(unsent)).toBe(unsent);
    expect(await ask('token')).toBe('token');
  }
});

it('while one call tries no other does', async () => {
  await ask(exhausted);
  vi.advanceTimersByTime(10_000);
  const { promise, resolve } = deferred<string>();
  const trying = balance.run(() => promise);
  expect(await ask('token')).toEqual(heldBack(10));
  resolve('token');
  expect(await trying).toBe('token');
});

it('a token that is bought ends it at once, also one that was asked for before', async () => {
  const { promise, resolve } = deferred<string>();
  const earlier = balance.run(() => promise);
  await ask(exhausted);
  resolve('token');
  await earlier;
  expect(balance.isExhausted).toBe(false);
  expect(await ask('token')).toBe('token');
  await ask(exhausted);
  expect(await ask('token')).toEqual(heldBack(10));
});

it('refusals of what was under way already do not make the pause longer', async () => {
  const { promise, reject } = deferred<string>();
  const earlier = Array.from({ length: 5 }, () => balance.run(() => promise));
  await ask(exhausted);
  vi.advanceTimersByTime(4000);
  reject(exhausted);
  await Promise.allSettled(earlier);
  expect(await ask('token')).toEqual(heldBack(6));
});

it('a try that fails otherwise is followed by another after the pause; one that was not sent, at once', async () => {
  await ask(exhausted);
  vi.advanceTimersByTime(10_000);
  await ask(new TransportError('timeout'));
  expect(await ask('token')).toEqual(heldBack(10));
  vi.advanceTimersByTime(10_000);
  await ask(new NotAskedError('breaker', 1));
  await ask(new InvalidTokenRequestError('iv', -6003));
  await ask(new AbandonedError());
  expect(await ask('token')).toBe('token');
});

it('a clock that is set back makes no pause longer', async () => {
  await ask(exhausted);
  vi.setSystemTime(0);
  vi.advanceTimersByTime(10_000);
  expect(await ask('token')).toBe('token');
});
