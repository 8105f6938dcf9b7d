// How many requests a client may make in a minute, and the limit for each client on the network.
import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '@app/platform/problems';
import { clientNetwork } from './client-address.js';

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

/**
 * `rate-limited`, the same for every limit: a client is not told which one it met. What it still sends is not waited for.
 */
export class RateLimitedError extends DomainError {
  constructor(retryAfterSeconds: number) {
    super('rate-limited', 'Too many requests; try again later.', {
      retryAfterSeconds,
      headers: { Connection: 'close' },
    });
  }
}

/**
 * Limits requests by client network, apart for public routes (and addresses with nothing at them) and management.
 * @param perMinute most requests of one client network; 0 sets no limit. Routes that are for both are exempt.
 * @param now the present moment, in ms
 */
export function limitNetworks(
  instance: FastifyInstance,
  perMinute: { readonly public: number; readonly management: number },
  now: () => number,
): void {
  const limiters = {
    public: new RateLimiter(perMinute.public, now),
    management: new RateLimiter(perMinute.management, now),
  };
  instance.addHook('onRequest', (request, _reply, done) => {
    const listener = request.routeOptions.config.listener ?? 'public';
    // Health is asked for by machines that must never be told to wait.
    const wait = listener === 'both' ? 0 : limiters[listener].take(clientNetwork(request));
    done(wait > 0 ? new RateLimitedError(wait) : undefined);
  });
}

/** Says once that a proxy is in front that nobody declared: all its clients are then limited as one. */
export function warnOfUndeclaredProxy(instance: FastifyInstance): void {
  let warned = false;
  instance.addHook('onRequest', (request, _reply, done) => {
    if (!warned && request.headers['x-forwarded-for'] !== undefined && request.ips === undefined) {
      warned = true;
      new Logger('Http').warn(
        'requests carry X-Forwarded-For, which is not believed: no proxy is trusted, and clients behind one count as one',
      );
    }
    done();
  });
}
