import { Logger } from '@nestjs/common';
import { AbandonedError } from '@app/platform/clock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  InvalidTokenRequestError,
  QueueTimeoutError,
  RefusedError,
  TransportError,
  type TransportFailureReason,
  UnreadableAnswerError,
  type UnreadableReason,
} from '@app/expressplay';
import { Breaker, type BreakerState, type Verdict, verdictOf } from './breaker.js';
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

describe('a failure says of the service', () => {
  const reasons: Record<TransportFailureReason, Verdict> = {
    connect: 'trouble',
    'connect-timeout': 'trouble',
    timeout: 'trouble',
    reset: 'trouble',
    protocol: 'trouble',
    other: 'trouble',
    closed: 'nothing',
  };
  it.each(Object.entries(reasons))('without an answer, for %s: %s', (reason, verdict) => {
    expect(verdictOf(new TransportError(reason as TransportFailureReason), true)).toBe(verdict);
  });

  const unreadable: Record<UnreadableReason, Verdict> = {
    'too-large': 'trouble',
    'unexpected-status': 'trouble',
    'no-token': 'trouble',
    'bad-url': 'trouble',
    'foreign-host': 'trouble',
    'bad-token': 'trouble',
    'no-record': 'trouble',
  };
  it.each(Object.entries(unreadable))('with an answer that is unreadable, for %s: %s', (reason, verdict) => {
    expect(verdictOf(new UnreadableAnswerError(200, reason as UnreadableReason), true)).toBe(verdict);
  });

  it.each<[string, Verdict, Error]>([
    ['a documented code of the service', 'trouble', refusal(-2030)],
    ['a server’s fault without a code', 'trouble', refusal(undefined, 502)],
    ['too many requests', 'trouble', refusal(undefined, 429)],
    ['a server’s fault of an undocumented code', 'trouble', refusal(-9999, 500)],
    ['a documented code that one title may have', 'answers', refusal(-4019, 500)],
    ['another such', 'answers', refusal(-6004, 500)],
    ['one more', 'answers', refusal(-7008, 500)],
    ['a title’s fault', 'answers', refusal(-2005)],
    ['our own', 'answers', refusal(-2020)],
    ['the authenticator', 'answers', refusal(-2018, 401)],
    ['the balance', 'answers', refusal(-2019)],
    ['no code', 'answers', refusal(undefined, 404)],
    ['what was not sent', 'nothing', new InvalidTokenRequestError('iv', -6003)],
    ['anything else', 'nothing', new Error('nobody waits')],
  ])('with %s: %s', (_, verdict, error) => {
    expect(verdictOf(error, true)).toBe(verdict);
  });

  it('nothing when there was no time to wait for its answer', () => {
    expect(verdictOf(new TransportError('timeout'), false)).toBe('nothing');
    expect(verdictOf(new TransportError('reset'), false)).toBe('trouble');
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

  it.each<[string, unknown, BreakerState]>([
    ['fails', trouble, 'open'],
    ['is refused for its title', refusal(-2005), 'closed'],
    ['is never sent', new InvalidTokenRequestError('iv', -6003), 'half-open'],
    ['is given up', new AbandonedError(), 'half-open'],
  ])('is tried with a call that %s', async (_, answer, state) => {
    await calls(10, trouble);
    vi.advanceTimersByTime(PAUSE_MS);
    await call(answer);
    expect(breaker.state).toBe(state);
    vi.advanceTimersByTime(state === 'open' ? PAUSE_MS : 0);
    expect(await call('token')).toBe('token');
    expect(breaker.state).toBe('closed');
  });

  it('is not decided, while it is tried, by a call that had no time, nor by one from before it opened', async () => {
    const early = [hanging(), hanging()] as const;
    await calls(10, trouble);
    early[0].end('token');
    expect(await early[0].outcome).toBe('token');
    expect(breaker.state).toBe('open');
    vi.advanceTimersByTime(PAUSE_MS);
    await call(trouble, false);
    early[1].end(trouble);
    await early[1].outcome;
    expect(breaker.state).toBe('half-open');
  });

  it('counts from nothing when it has closed: again it takes more than half of ten calls', async () => {
    await calls(10, trouble);
    vi.advanceTimersByTime(PAUSE_MS);
    await call('token');
    await calls(9, trouble);
    expect(breaker.state).toBe('closed');
    await call(trouble);
    expect(breaker.state).toBe('open');
  });

  it('counts neither for nor against the service what says nothing of it', async () => {
    await calls(100, new AbandonedError());
    await calls(9, trouble);
    await calls(100, new InvalidTokenRequestError('iv', -6003));
    expect(breaker.state).toBe('closed');
    await call(trouble);
    expect(breaker.state).toBe('open');
  });

  it('takes waiting in vain for a connection for trouble only while the service answers nobody', async () => {
    for (let round = 0; round < 5; round += 1) {
      const waiting = Array.from({ length: 8 }, hanging);
      vi.advanceTimersByTime(100);
      await calls(2, 'token');
      for (const { end } of waiting) end(new QueueTimeoutError());
      await Promise.all(waiting.map(({ outcome }) => outcome));
    }
    expect(breaker.state).toBe('closed');
    vi.advanceTimersByTime(100);
    await calls(20, new QueueTimeoutError());
    expect(breaker.state).toBe('open');
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
