// Lets identical calls that are under way at once be one call, as long as they would come to the same.
import { isDeepStrictEqual } from 'node:util';
import { AbandonedError, Budget } from '@app/platform/clock';

/** Calls `decided` with its own basis when it has decided. Its budget is for all who wait for it. */
type Call<T, B> = (decided: (basis: B) => void, budget: Budget) => Promise<T>;

interface Flight<T, B> {
  /** What it was decided on; undefined when it came to an end without. */
  basis: Promise<B | undefined>;
  outcome: Promise<T>;
  /** Somebody else waits for it. */
  join: (budget: Budget) => void;
}

/** Shares the outcome of a call, good or bad, among those who ask for the same while it is under way. */
export class SingleFlight<T, B> {
  readonly #underWay = new Map<string, Flight<T, B>>();

  /** @param whileWaiting is run around the wait for another's call */
  constructor(private readonly whileWaiting: (wait: () => Promise<T>) => Promise<T> = (wait) => wait()) {}

  /**
   * @param key what makes two calls the same
   * @param budget of this call. What it makes has as much time; it is abandoned when all who wait for it are gone
   * @param basis what this call would be decided on now: one that began before is shared only if it was decided on the same
   * @returns the outcome, and whether another's call was shared
   */
  async run(
    key: string,
    budget: Budget,
    basis: () => Promise<B | undefined>,
    call: Call<T, B>,
  ): Promise<{ outcome: T; shared: boolean }> {
    const earlier = this.#underWay.get(key);
    if (earlier !== undefined) {
      const [own, its] = await Promise.all([basis(), earlier.basis]);
      const agreed = own !== undefined && isDeepStrictEqual(own, its);
      // One that began in between saw at least what this one would see.
      const later = this.#underWay.get(key);
      const other = agreed ? earlier : later === earlier ? undefined : later;
      if (other !== undefined) return this.#join(other, key, budget, basis, call);
    }
    return { outcome: await this.#fly(key, budget, call), shared: false };
  }

  async #join(
    other: Flight<T, B>,
    ...[key, budget, basis, call]: Parameters<typeof this.run>
  ): Promise<{ outcome: T; shared: boolean }> {
    other.join(budget);
    try {
      return { outcome: await this.whileWaiting(() => other.outcome), shared: true };
    } catch (error) {
      // It had been given up before anybody waited for it again.
      if (error instanceof AbandonedError && !budget.isAbandoned) return this.run(key, budget, basis, call);
      throw error;
    }
  }

  async #fly(key: string, budget: Budget, call: Call<T, B>): Promise<T> {
    let decided!: (basis: B | undefined) => void;
    const basis = new Promise<B | undefined>((resolve) => {
      decided = resolve;
    });
    const shared = new Budget(budget.leftMs);
    let waiting = 0;
    const join = (of: Budget) => {
      waiting += 1;
      of.onAbandon(() => {
        waiting -= 1;
        if (waiting === 0) shared.abandon();
      });
    };
    join(budget);
    const own = { basis, outcome: call(decided, shared), join };
    this.#underWay.set(key, own);
    try {
      return await own.outcome;
    } finally {
      if (this.#underWay.get(key) === own) this.#underWay.delete(key);
      decided(undefined);
    }
  }
}
