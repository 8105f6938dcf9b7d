// Says a thing that may go wrong many times a second once in a while.

/** How long the same thing is not said again, in ms. */
export const SELDOM_MS = 5 * 60_000;

/** Lets through one of each kind, and then none for a while. */
export class Seldom {
  readonly #last = new Map<string, number>();

  /** @param now a clock in ms that does not jump */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether to say it now. */
  isDue(kind: string): boolean {
    const last = this.#last.get(kind);
    if (last !== undefined && this.now() - last < SELDOM_MS) return false;
    this.#last.set(kind, this.now());
    return true;
  }
}
