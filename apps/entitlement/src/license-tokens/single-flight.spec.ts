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
const same = () => Promise.resolve({ version: 1n });
const never = () => Promise.reject(new Error('must not be called'));

describe('SingleFlight', () => {
  it('shares a call among those who ask for the same, on the same basis, while it is under way', async () => {
    const flights = new SingleFlight<string, unknown>();
    const { promise, resolve } = deferred<string>();
    const first = flights.run('key', never, decidedOn({ version: 1n }, promise));
    const others = [flights.run('key', same, never), flights.run('key', same, never)];
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
    const asked = [flights.run('key', never, decidedOn({ version: 1n }, promise)), flights.run('key', same, never)];
    reject(new Error('failed'));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const again = flights.run('key', never, decidedOn({ version: 1n }, Promise.resolve('again')));
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
    const early = flights.run('key', never, decidedOn(its, old.promise));
    let calls = 0;
    const call = (decided: (basis: unknown) => void) => {
      calls += 1;
      return decidedOn(own, next.promise)(decided);
    };
    const late = [1, 2, 3].map(() => flights.run('key', () => Promise.resolve(own), call));
    if (its === undefined) old.resolve('old');
    await new Promise((resolve) => setTimeout(resolve));
    old.resolve('old');
    expect(await early).toEqual({ outcome: 'old', shared: false });
    // The old call's end has not taken the new one's place away.
    const latest = own === undefined ? undefined : flights.run('key', () => Promise.resolve(own), never);
    next.resolve('new');
    expect((await Promise.all(late)).map(({ outcome }) => outcome)).toEqual(['new', 'new', 'new']);
    expect(calls).toBe(1);
    if (latest !== undefined) expect(await latest).toEqual({ outcome: 'new', shared: true });
  });

  it('fails for whoever cannot tell what it is decided on', async () => {
    const flights = new SingleFlight<string, unknown>();
    const { promise, resolve } = deferred<string>();
    const first = flights.run('key', never, decidedOn({ version: 1n }, promise));
    await expect(flights.run('key', () => Promise.reject(new Error('unread')), never)).rejects.toThrow('unread');
    resolve('outcome');
    expect((await first).outcome).toBe('outcome');
  });

  it('keeps different calls apart', async () => {
    const flights = new SingleFlight<string, unknown>();
    const outcomes = await Promise.all(
      ['one', 'two'].map((key) => flights.run(key, never, decidedOn({}, Promise.resolve(key)))),
    );
    expect(outcomes).toEqual([
      { outcome: 'one', shared: false },
      { outcome: 'two', shared: false },
    ]);
  });
});
