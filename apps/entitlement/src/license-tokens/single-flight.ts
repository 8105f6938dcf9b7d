// Lets identical calls that are under way at once be one call.

/** Shares the outcome of a call, good or bad, among those who ask for the same while it is under way. */
export class SingleFlight<T> {
  readonly #underWay = new Map<string, Promise<T>>();

  /**
   * @param key what makes two calls the same
   * @returns the outcome, and whether another's call was shared
   */
  async run(key: string, call: () => Promise<T>): Promise<{ outcome: T; shared: boolean }> {
    const other = this.#underWay.get(key);
    if (other !== undefined) return { outcome: await other, shared: true };
    const own = call();
    this.#underWay.set(key, own);
    try {
      return { outcome: await own, shared: false };
    } finally {
      this.#underWay.delete(key);
    }
  }
}
