// What is left of the time of one request.

/** Nobody waits for the answer any more, so what was asked for was not gone on with. */
export class AbandonedError extends Error {
  override readonly name = 'AbandonedError';

  constructor() {
    super('Nobody waits for the answer any more.');
  }
}

/** How long a request may still take, and whether anybody waits for its answer. It is passed along by whoever works on the request. */
export class Budget {
  readonly #endsAt: number;
  #isAbandoned = false;
  // Both are made when they are wanted: most requests are waited for to their end, and many are asked nothing of the kind.
  #controller: AbortController | undefined;
  #acts: (() => void)[] | undefined;

  /** @param milliseconds how long the request may take from now on; it may be `Infinity` */
  constructor(milliseconds: number) {
    this.#endsAt = performance.now() + milliseconds;
  }

  /** Milliseconds that are left; 0 when the time is up. */
  get leftMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** Whether nobody waits for the answer any more. What cannot be undone is gone on with all the same. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** Aborted, with an `AbandonedError`, once nobody waits for the answer any more. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isAbandoned) this.#controller.abort(new AbandonedError());
    return this.#controller.signal;
  }

  /** Nobody waits any more: the caller has hung up, or was told that it took too long. */
  abandon(): void {
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    this.#controller?.abort(new AbandonedError());
    for (const act of this.#acts ?? []) act();
    this.#acts = undefined;
  }

  /** Calls `act` once it is abandoned, or at once if it is. */
  onAbandon(act: () => void): void {
    if (this.#isAbandoned) act();
    else (this.#acts ??= []).push(act);
  }

  /** For what can still be left undone. @throws AbandonedError when nobody waits any more */
  throwIfAbandoned(): void {
    if (this.#isAbandoned) throw new AbandonedError();
  }

  /**
   * A part of it for one of the works, abandoned with the whole.
   * @param mostMs most milliseconds that the work may take
   * @param keptMs milliseconds at the end of the whole that are kept for what comes after the work
   */
  part(mostMs: number, keptMs = 0): Budget {
    const part = new Budget(Math.min(mostMs, this.leftMs - keptMs));
    this.onAbandon(() => part.abandon());
    return part;
  }
}
