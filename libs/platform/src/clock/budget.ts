// What is left of the time of one request.

/** How long a request may still take, and whether anybody waits for its answer. It is passed along by whoever works on the request. */
export class Budget {
  readonly #endsAt: number;
  readonly #controller = new AbortController();

  /** @param milliseconds how long the request may take from now on */
  constructor(milliseconds: number) {
    this.#endsAt = performance.now() + milliseconds;
  }

  /** Milliseconds that are left; 0 when the time is up. */
  get leftMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** Aborted once nobody waits for the answer any more. What cannot be undone is gone on with all the same. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Nobody waits any more: the caller has hung up, or was told that it took too long. */
  abandon(): void {
    this.#controller.abort();
  }
}
