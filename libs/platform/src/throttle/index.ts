// Lets through a thing that may happen many times a second once in a while, so that it does not fill the log.

/** How long the same kind is held back, in ms. */
export const THROTTLE_MS = 5 * 60_000;

/** Lets through one of each kind, and then none for a while. */
export class Throttle {
  readonly #last = new Map<string, number>();

  /** @param now a clock in ms that does not jump */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether one of a kind is let through now; the next ones are not. */
  admits(kind: string): boolean {
    const last = this.#last.get(kind);
    if (last !== undefined && this.now() - last < THROTTLE_MS) return false;
    this.#last.set(kind, this.now());
    return true;
  }
}
