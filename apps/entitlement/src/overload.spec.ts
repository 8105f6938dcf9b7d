import { describe, expect, it } from 'vitest';
import { InFlight, OverloadedError } from './overload.js';

const MOST = 500;
/** Longer than the service looks before it judges. */
const A_WHILE_MS = 250;

/** Requests of players, as `InFlight` sees them. */
class Players {
  #now = 0;
  readonly inFlight = new InFlight(MOST, () => this.#now);
  readonly #leaving: (() => void)[] = [];
  readonly #answering: (() => void)[] = [];

  /** @returns how many were let in */
  ask(count: number): number {
    const before = this.inFlight.count;
    for (let number = 0; number < count; number += 1) {
      try {
        this.#leaving.push(this.inFlight.enter());
      } catch (error) {
        if (!(error instanceof OverloadedError)) throw error;
      }
    }
    return this.inFlight.count - before;
  }

  /** So many of them wait for ExpressPlay. */
  goOutside(count: number): void {
    for (let number = 0; number < count; number += 1) {
      void this.inFlight.outside(() => new Promise<void>((resolve) => this.#answering.push(resolve)));
    }
  }

  async comeBack(count: number): Promise<void> {
    for (const answer of this.#answering.splice(0, count)) answer();
    await Promise.resolve();
    await Promise.resolve();
  }

  leave(count: number): void {
    for (const leave of this.#leaving.splice(0, count)) leave();
  }

  /** Nothing changes for a while. */
  wait(): void {
    this.#now += A_WHILE_MS;
    void this.inFlight.limit;
  }
}

/** Players who have been waiting for each other for a while. */
function crowd(): Players {
  const players = new Players();
  players.wait();
  players.ask(100);
  players.wait();
  players.wait();
  return players;
}

describe('how many requests may be in flight', () => {
  it('is all that are configured, and no more', () => {
    const players = new Players();
    expect(players.ask(MOST + 1)).toBe(MOST);
    expect(players.inFlight.refusal()).toBeInstanceOf(OverloadedError);
    players.leave(1);
    expect(players.inFlight.refusal()).toBeUndefined();
    players.leave(MOST);
    expect(players.inFlight.count).toBe(0);
  });

  it('is few once they have waited for each other for a while; those that are in stay', () => {
    const players = crowd();
    expect([players.inFlight.limit, players.inFlight.count]).toEqual([32, 100]);
    expect(players.ask(1)).toBe(0);
    players.leave(69);
    expect(players.ask(10)).toBe(1);
  });

  it('is not lowered by a burst that is over within the while, nor by a pause', () => {
    const players = new Players();
    players.wait();
    players.ask(400);
    players.leave(399);
    players.wait();
    players.wait();
    expect(players.inFlight.limit).toBe(MOST);
  });

  it('is not lowered by a slow ExpressPlay, however many wait for it', () => {
    const players = new Players();
    players.wait();
    players.ask(450);
    players.goOutside(440);
    players.wait();
    players.wait();
    expect(players.inFlight.limit).toBe(MOST);
    expect(players.ask(100)).toBe(50);
  });

  it('does not count those who wait for ExpressPlay', async () => {
    const players = crowd();
    players.goOutside(90);
    expect(players.inFlight.limit).toBe(122);
    await players.comeBack(90);
    expect(players.inFlight.limit).toBe(32);
  });

  it('is lowered for as long as some are refused, and no longer', () => {
    const players = crowd();
    players.leave(100);
    for (let turn = 0; turn < 3; turn += 1) {
      expect(players.ask(40)).toBe(32);
      players.leave(32);
      players.wait();
      expect(players.inFlight.limit).toBe(32);
    }
    players.wait();
    expect(players.inFlight.limit).toBe(MOST);
  });

  it('is lowered again where those who were let in wait for each other', () => {
    const players = crowd();
    players.leave(100);
    players.wait();
    players.wait();
    expect(players.inFlight.limit).toBe(MOST);
    players.ask(65);
    players.wait();
    players.wait();
    expect(players.inFlight.limit).toBe(32);
  });
});

it('is empty when the last has left', async () => {
  const inFlight = new InFlight(2);
  await inFlight.whenEmpty();
  const [leave, leaveToo] = [inFlight.enter(), inFlight.enter()];
  let isEmpty = false;
  const emptied = inFlight.whenEmpty().then(() => (isEmpty = true));
  leave();
  await Promise.resolve();
  expect(isEmpty).toBe(false);
  leaveToo();
  expect(await emptied).toBe(true);
});

it('those who are refused are told different times to come back', () => {
  const players = crowd();
  const seconds = new Set(Array.from({ length: 200 }, () => players.inFlight.refusal()?.retryAfterSeconds));
  expect(seconds).toEqual(new Set([1, 2, 3]));
});

it('what fails outside is inside again', async () => {
  const { inFlight } = new Players();
  await expect(inFlight.outside(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(inFlight.limit).toBe(MOST);
});
