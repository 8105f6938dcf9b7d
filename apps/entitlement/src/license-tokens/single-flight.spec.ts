import { describe, expect, it } from 'vitest';
import { SingleFlight } from './single-flight.js';

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

describe('SingleFlight', () => {
  it('shares a call among those who ask for the same while it is under way', async () => {
    const flights = new SingleFlight<string>();
    const call = deferred<string>();
    let calls = 0;
    const ask = () =>
      flights.run('key', () => {
        calls += 1;
        return call.promise;
      });
    const asked = [ask(), ask(), ask()];
    call.resolve('outcome');
    expect(await Promise.all(asked)).toEqual([
      { outcome: 'outcome', shared: false },
      { outcome: 'outcome', shared: true },
      { outcome: 'outcome', shared: true },
    ]);
    expect(calls).toBe(1);
  });

  it('shares a failure too, and forgets it', async () => {
    const flights = new SingleFlight<string>();
    const call = deferred<string>();
    const asked = [flights.run('key', () => call.promise), flights.run('key', () => Promise.resolve('never'))];
    call.reject(new Error('failed'));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await flights.run('key', () => Promise.resolve('again'))).toEqual({ outcome: 'again', shared: false });
  });

  it('keeps different calls apart', async () => {
    const flights = new SingleFlight<number>();
    const outcomes = await Promise.all([
      flights.run('one', () => Promise.resolve(1)),
      flights.run('two', () => Promise.resolve(2)),
    ]);
    expect(outcomes).toEqual([
      { outcome: 1, shared: false },
      { outcome: 2, shared: false },
    ]);
  });
});
