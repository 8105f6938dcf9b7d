import { AbandonedError, Budget } from '@app/platform/clock';
import { describe, expect, it } from 'vitest';
import { deferred } from '../testing/deferred.js';
import { SingleFlight } from './single-flight.js';

/** A call that is decided on `basis`, and ends as `end` does. */
const decidedOn =
  (basis: unknown, end: Promise<string>) =>
  (decided: (basis: unknown) => void): Promise<string> => {
    decided(basis);
    return end;
  };
/** The budget of somebody who waits. */
const waiting = () => new Budget(60_000);
const same = () => Promise.resolve({ version: 1n });
const never = () => Promise.reject(new Error('must not be called'));

describe('SingleFlight', () => {
  it('shares a call among those who ask for the same, on the same basis, while it is under way', async () => {
    const flights = new SingleFlight<string, unknown>();
    const { promise, resolve } = deferred<string>();
    const first = flights.run('key', waiting(), never, decidedOn({ version: 1n }, promise));
    const others = [flights.run('key', waiting(), same, never), flights.run('key', waiting(), same, never)];
    await Promise.resolve();
    resolve('outcome');
    expect(await first).toEqual({ outcome: 'outcome', shared: false });
    expect(await Promise.all(others)).toEqual([
      { outcome: 'outcome', shared: true },
      { outcome: 'outcome', shared: true },
    ]);
  });

  it('shares a failure too, and forgets it', async () => {
    const flights = new SingleFlight<string, unknown>();
    const { promise, reject } = deferred<string>();
    const asked = [
      flights.run('key', waiting(), never, decidedOn({ version: 1n }, promise)),
      flights.run('key', waiting(), same, never),
    ];
    reject(new Error('failed'));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const again = flights.run('key', waiting(), never, decidedOn({ version: 1n }, Promise.resolve('again')));
    expect(await again).toEqual({ outcome: 'again', shared: false });
  });

  it.each([
    ['on another basis', { version: 1n }, { version: 2n }],
    ['that came to a no, as it does itself', undefined, undefined],
    ['that came to a no', undefined, { version: 2n }],
    ['and comes to a no itself', { version: 1n }, undefined],
  ])('does not share a call %s; those who come with it share its own', async (_name, its, own) => {
    const flights = new SingleFlight<string, unknown>();
    const [old, next] = [deferred<string>(), deferred<string>()];
    const early = flights.run('key', waiting(), never, decidedOn(its, old.promise));
    let calls = 0;
    const call = (decided: (basis: unknown) => void) => {
      calls += 1;
      return decidedOn(own, next.promise)(decided);
    };
    const late = [1, 2, 3].map(() => flights.run('key', waiting(), () => Promise.resolve(own), call));
    if (its === undefined) old.resolve('old');
    await new Promise((resolve) => setTimeout(resolve));
    old.resolve('old');
    expect(await early).toEqual({ outcome: 'old', shared: false });
    // The old call's end has not taken the new one's place away.
    const latest = own === undefined ? undefined : flights.run('key', waiting(), () => Promise.resolve(own), never);
    next.resolve('new');
    expect((await Promise.all(late)).map(({ outcome }) => outcome)).toEqual(['new', 'new', 'new']);
    expect(calls).toBe(1);
    if (latest !== undefined) expect(await latest).toEqual({ outcome: 'new', shared: true });
  });

  it('fails for whoever cannot tell what it is decided on', async () => {
    const flights = new SingleFlight<string, unknown>();
    const { promise, resolve } = deferred<string>();
    const first = flights.run('key', waiting(), never, decidedOn({ version: 1n }, promise));
    await expect(flights.run('key', waiting(), () => Promise.reject(new Error('unread')), never)).rejects.toThrow(
      'unread',
    );
    resolve('outcome');
    expect((await first).outcome).toBe('outcome');
  });

  it('keeps different calls apart', async () => {
    const flights = new SingleFlight<string, unknown>();
    const outcomes = await Promise.all(
      ['one', 'two'].map((key) => flights.run(key, waiting(), never, decidedOn({}, Promise.resolve(key)))),
    );
    expect(outcomes).toEqual([
      { outcome: 'one', shared: false },
      { outcome: 'two', shared: false },
    ]);
  });

  /** A call that is given up when its budget is abandoned; its budget. */
  function givenUp() {
    let given: Budget | undefined;
    const call = (decided: (basis: unknown) => void, budget: Budget) => {
      given = budget;
      decided({ version: 1n });
      return new Promise<string>((_resolve, reject) => budget.onAbandon(() => reject(new AbandonedError())));
    };
    return { call, budget: () => given! };
  }

  it('abandons a call when the last of those who wait for it has gone', async () => {
    const flights = new SingleFlight<string, unknown>();
    const { call, budget } = givenUp();
    const budgets = [waiting(), waiting(), waiting()] as const;
    const asked = [flights.run('key', budgets[0], never, call), flights.run('key', budgets[1], same, never)];
    await new Promise((resolve) => setTimeout(resolve));
    asked.push(flights.run('key', budgets[2], same, never));
    await new Promise((resolve) => setTimeout(resolve));
    budgets[0].abandon();
    budgets[2].abandon();
    expect(budget().isAbandoned).toBe(false);
    budgets[1].abandon();
    expect(budget().isAbandoned).toBe(true);
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)).toEqual(
      asked.map(() => expect.any(AbandonedError)),
    );
  });

  it('gives a call as much time as the one has who began it', async () => {
    const flights = new SingleFlight<string, unknown>();
    const { call, budget } = givenUp();
    const short = new Budget(1000);
    void flights.run('key', short, never, call).catch(() => undefined);
    expect(budget().leftMs).toBeGreaterThan(0);
    expect(budget().leftMs).toBeLessThanOrEqual(1000);
    short.abandon();
  });

  it('shares what an abandoned call comes to all the same', async () => {
    const flights = new SingleFlight<string, unknown>();
    const { promise, resolve } = deferred<string>();
    const gone = waiting();
    const first = flights.run('key', gone, never, decidedOn({ version: 1n }, promise));
    gone.abandon();
    const later = flights.run('key', waiting(), same, never);
    resolve('outcome');
    expect(await later).toEqual({ outcome: 'outcome', shared: true });
    await first;
  });

  it('begins one call for all who came to wait for one that was being given up', async () => {
    const flights = new SingleFlight<string, unknown>();
    const [old, next] = [deferred<string>(), deferred<string>()];
    const gone = waiting();
    const first = flights.run('key', gone, never, decidedOn({ version: 1n }, old.promise));
    gone.abandon();
    let calls = 0;
    const call = (decided: (basis: unknown) => void) => {
      calls += 1;
      return decidedOn({ version: 1n }, next.promise)(decided);
    };
    const later = [1, 2].map(() => flights.run('key', waiting(), same, call));
    await new Promise((resolve) => setTimeout(resolve));
    old.reject(new AbandonedError());
    await expect(first).rejects.toThrow(AbandonedError);
    next.resolve('again');
    expect((await Promise.all(later)).map(({ outcome }) => outcome)).toEqual(['again', 'again']);
    expect(calls).toBe(1);
  });
});
