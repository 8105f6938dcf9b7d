import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  InvalidTokenRequestError,
  RefusedError,
  TransportError,
  type TransportFailureReason,
  UnreadableAnswerError,
  type UnreadableReason,
} from '@app/expressplay';
import { Breaker, isTrouble } from './breaker.js';
import { NotAskedError } from './license-tokens.errors.js';
import { deferred } from '../testing/deferred.js';

const PAUSE_MS = 5000;
const refusal = (code: number | undefined, status = 400) => new RefusedError(status, code, '');
const trouble = new TransportError('timeout');

let breaker: Breaker<string>;
beforeEach(() => {
  Logger.overrideLogger(false);
  vi.useFakeTimers();
  breaker = new Breaker('fairplay', { capacity: 12, pauseMs: PAUSE_MS });
});
afterEach(() => {
  breaker.close();
  vi.useRealTimers();
});

const call = (answer: unknown, hasTime = true): Promise<unknown> =>
  breaker
    .run(() => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(String(answer))), hasTime)
    .catch((error: unknown) => error);

async function calls(count: number, answer: unknown, hasTime = true): Promise<void> {
  for (let made = 0; made < count; made += 1) await call(answer, hasTime);
}

/** A call that hangs until it is let go. */
function hanging(): { outcome: Promise<unknown>; end: (answer: unknown) => void } {
  const { promise, resolve, reject } = deferred<string>();
  const outcome = breaker.run(() => promise, true).catch((error: unknown) => error);
  return { outcome, end: (answer) => (answer instanceof Error ? reject(answer) : resolve(String(answer))) };
}

const heldBack = (why: string) => expect.objectContaining({ constructor: NotAskedError, why });

describe('a failure says that the service is in trouble', () => {
  const reasons: Record<TransportFailureReason, boolean> = {
    connect: true,
    'connect-timeout': true,
    timeout: true,
    reset: true,
    protocol: true,
    other: true,
    closed: false,
  };
  it.each(Object.entries(reasons))('without an answer, for %s: %s', (reason, is) => {
    expect(isTrouble(new TransportError(reason as TransportFailureReason), true)).toBe(is);
  });

  const unreadable: Record<UnreadableReason, true> = {
    'too-large': true,
    'unexpected-status': true,
    'no-token': true,
    'bad-url': true,
    'foreign-host': true,
    'bad-token': true,
    'no-record': true,
  };
  it.each(Object.entries(unreadable))('with an answer that is unreadable, for %s: %s', (reason, is) => {
    expect(isTrouble(new UnreadableAnswerError(200, reason as UnreadableReason), true)).toBe(is);
  });

  it.each<[string, boolean, Error]>([
    ['a documented code of the service', true, refusal(-2030)],
    ['a server’s fault without a code', true, refusal(undefined, 502)],
    ['too many requests', true, refusal(undefined, 429)],
    ['a server’s fault of an undocumented code', true, refusal(-9999, 500)],
    ['a documented code that one title may have', false, refusal(-4019, 500)],
    ['another such', false, refusal(-6004, 500)],
    ['one more', false, refusal(-7008, 500)],
    ['a title’s fault', false, refusal(-2005)],
    ['our own', false, refusal(-2020)],
    ['the authenticator', false, refusal(-2018, 401)],
    ['the balance', false, refusal(-2019)],
    ['no code', false, refusal(undefined, 404)],
    ['what was not sent', false, new InvalidTokenRequestError('iv', -6003)],
    ['anything else', false, new Error('nobody waits')],
  ])('with %s: %s', (_, is, error) => {
    expect(isTrouble(error, true)).toBe(is);
  });

  it('not when there was no time to wait for its answer', () => {
    expect(isTrouble(new TransportError('timeout'), false)).toBe(false);
    expect(isTrouble(new TransportError('reset'), false)).toBe(true);
  });
});

describe('a breaker', () => {
  it('opens when more than half of ten calls have failed, and says when it will be tried again', async () => {
    await calls(4, 'token');
    await calls(5, trouble);
    expect(breaker.state).toBe('closed');
    await call(trouble);
    expect(breaker.state).toBe('open');
    vi.advanceTimersByTime(1500);
    const error = await call('token');
    expect(error).toEqual(heldBack('breaker'));
    expect(error).toMatchObject({
      code: 'upstream-unavailable',
      reason: 'upstream-unavailable',
      retryAfterSeconds: 3.5,
    });
  });

  it('stays closed while only few calls fail in its time', async () => {
    for (let rounds = 0; rounds < 5; rounds += 1) {
      await calls(9, trouble);
      vi.advanceTimersByTime(11_000);
    }
    expect(breaker.state).toBe('closed');
  });

  it('stays closed for a title that is refused, however often', async () => {
    await calls(100, refusal(-4019, 500));
    expect(breaker.state).toBe('closed');
  });

  it('does not count what it has held back', async () => {
    const all = Array.from({ length: 12 }, hanging);
    for (let more = 0; more < 1000; more += 1) expect(await call('token')).toEqual(heldBack('bulkhead'));
    for (const { end } of all) end(trouble);
    await Promise.all(all.map(({ outcome }) => outcome));
    expect(breaker.state).toBe('open');
  });

  it('lets one call try, and closes when it is answered', async () => {
    await calls(10, trouble);
    vi.advanceTimersByTime(PAUSE_MS);
    expect(breaker.state).toBe('half-open');
    const trial = hanging();
    expect(await call('token')).toMatchObject({ why: 'breaker', retryAfterSeconds: 1 });
    trial.end('token');
    expect(await trial.outcome).toBe('token');
    expect(breaker.state).toBe('closed');
    expect(await call('token')).toBe('token');
  });

  it.each<[string, unknown, 'open' | 'closed']>([
    ['fails', trouble, 'open'],
    ['is refused for its title', refusal(-2005), 'closed'],
    ['is never sent', new InvalidTokenRequestError('iv', -6003), 'open'],
    ['is given up', new Error('nobody waits'), 'open'],
  ])('is tried with a call that %s', async (_, answer, state) => {
    await calls(10, trouble);
    vi.advanceTimersByTime(PAUSE_MS);
    await call(answer);
    expect(breaker.state).toBe(state);
    vi.advanceTimersByTime(PAUSE_MS);
    expect(await call('token')).toBe('token');
    expect(breaker.state).toBe('closed');
  });

  it('opens for as long whatever becomes of the time of day', async () => {
    await calls(10, trouble);
    vi.setSystemTime(0);
    expect(await call('token')).toMatchObject({ retryAfterSeconds: PAUSE_MS / 1000 });
    vi.advanceTimersByTime(PAUSE_MS);
    expect(await call('token')).toBe('token');
    expect(breaker.state).toBe('closed');
  });
});

it('leaves no timer behind when it is closed, in whatever state', async () => {
  await calls(10, trouble);
  expect(vi.getTimerCount()).toBeGreaterThan(0);
  breaker.close();
  expect(vi.getTimerCount()).toBe(0);
});

describe('a bulkhead', () => {
  it('lets so many calls be made at once, and says nothing of the service', async () => {
    const all = Array.from({ length: 12 }, hanging);
    const error = await call('token');
    expect(error).toEqual(heldBack('bulkhead'));
    expect(error).toMatchObject({ code: 'overloaded', reason: 'upstream-unavailable', retryAfterSeconds: 1 });
    expect(breaker.state).toBe('closed');
    all[0]?.end('token');
    expect(await all[0]?.outcome).toBe('token');
    expect(await call('token')).toBe('token');
    for (const { end } of all) end('token');
  });
});
