// How many requests a client may make in a minute.

/** Over which a limit holds, in ms. */
const WINDOW_MS = 60_000;
/** Clients that are remembered; the one not heard of for longest is forgotten first. */
const MAX_CLIENTS = 20_000;
/** Rounding, in ms, that must not cost a client a request. */
const ROUNDING_MS = 0.5;

/**
 * A bucket of tokens for each client, in the memory of this process: a client may make all the requests of a minute at
 * once, and gets them back evenly over the next. Memory is bounded.
 */
export class RateLimiter {
  /** When the bucket of a client will be full again, in ms of `now`; the client heard of last stands last. */
  readonly #fullAt = new Map<string, number>();

  /**
   * @param perMinute most requests of a client in a minute; 0 sets no limit
   * @param now the present moment, in ms
   */
  constructor(
    private readonly perMinute: number,
    private readonly now: () => number,
    private readonly maxClients = MAX_CLIENTS,
  ) {}

  /** How many clients are remembered. */
  get size(): number {
    return this.#fullAt.size;
  }

  /** Counts a request. Answers with 0 when it is within the limit, else with the seconds until one will be. */
  take(client: string): number {
    if (this.perMinute === 0) return 0;
    const now = this.now();
    // A clock that was set back must not shut a client out for longer than a window.
    const fullAt = Math.min(Math.max(this.#fullAt.get(client) ?? now, now), now + WINDOW_MS);
    const next = fullAt + WINDOW_MS / this.perMinute;
    const wait = next - now - WINDOW_MS;
    const allowed = wait <= ROUNDING_MS;
    this.#remember(client, allowed ? next : fullAt);
    return allowed ? 0 : wait / 1000;
  }

  #remember(client: string, fullAt: number): void {
    this.#fullAt.delete(client);
    this.#fullAt.set(client, fullAt);
    if (this.#fullAt.size <= this.maxClients) return;
    const [oldest] = this.#fullAt.keys();
    if (oldest !== undefined) this.#fullAt.delete(oldest);
  }
}
