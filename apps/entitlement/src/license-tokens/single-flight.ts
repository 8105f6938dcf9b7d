// Lets identical calls that are under way at once be one call, as long as they would come to the same.
import { isDeepStrictEqual } from 'node:util';

interface Flight<T, B> {
  /** What it was decided on; undefined when it came to an end without. */
  basis: Promise<B | undefined>;
  outcome: Promise<T>;
}

/** Shares the outcome of a call, good or bad, among those who ask for the same while it is under way. */
export class SingleFlight<T, B> {
  readonly #underWay = new Map<string, Flight<T, B>>();

  /**
   * @param key what makes two calls the same
   * @param basis what this call would be decided on now: one that began before is shared only if it was decided on the same
   * @param call calls `decided` with its own basis when it has decided
   * @returns the outcome, and whether another's call was shared
   */
  async run(
    key: string,
    basis: () => Promise<B | undefined>,
    call: (decided: (basis: B) => void) => Promise<T>,
  ): Promise<{ outcome: T; shared: boolean }> {
    const earlier = this.#underWay.get(key);
    if (earlier !== undefined) {
      const [own, its] = await Promise.all([basis(), earlier.basis]);
      const agreed = own !== undefined && isDeepStrictEqual(own, its);
      // One that began in between saw at least what this one would see.
      const later = this.#underWay.get(key);
      const other = agreed ? earlier : later === earlier ? undefined : later;
      if (other !== undefined) return { outcome: await other.outcome, shared: true };
    }
    return { outcome: await this.#fly(key, call), shared: false };
  }

  async #fly(key: string, call: (decided: (basis: B) => void) => Promise<T>): Promise<T> {
    let decided!: (basis: B | undefined) => void;
    const basis = new Promise<B | undefined>((resolve) => {
      decided = resolve;
    });
    const own = { basis, outcome: call(decided) };
    this.#underWay.set(key, own);
    try {
      return await own.outcome;
    } finally {
      if (this.#underWay.get(key) === own) this.#underWay.delete(key);
      decided(undefined);
    }
  }
}
