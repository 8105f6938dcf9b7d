// Chance that is the same again for the same seed.

export class Dice {
  #state = 0;

  constructor(seed: number) {
    this.restart(seed);
  }

  /** From here on it rolls as new dice of this seed do. */
  restart(seed: number): void {
    this.#state = seed >>> 0;
  }

  /** From 0 to (not) 1: mulberry32. */
  roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Whether something of this chance happens. */
  is(chance: number): boolean {
    return this.roll() < chance;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.roll() * (most - least + 1));
  }

  /** @throws Error when there is nothing to pick from */
  pick<T>(from: readonly T[]): T {
    const picked = from[this.between(0, from.length - 1)];
    if (picked === undefined) throw new Error('there is nothing to pick from');
    return picked;
  }

  shuffled<T>(list: readonly T[]): T[] {
    const keyed = list.map((item) => ({ item, key: this.roll() }));
    return keyed.sort((one, other) => one.key - other.key).map(({ item }) => item);
  }

  /** Dice of its own, for something that happens at the same time as other things. */
  fork(): Dice {
    return new Dice(this.between(0, 2 ** 32 - 1));
  }
}
