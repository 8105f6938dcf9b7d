// How many requests a client may make in a minute, the limit for each client on the network, and who counts as one.
import { isIPv4, isIPv6 } from 'node:net';
import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '@app/platform/problems';

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

/** Groups of 16 bits that an IPv6 network of one site or subscriber has in common: a /64. */
const SITE_GROUPS = 4;
const ALL_GROUPS = 8;
/** How an IPv4 address begins that is written as IPv6. */
const MAPPED = [0, 0, 0, 0, 0, 0xffff];

/**
 * The client of a request: an IPv4 address, or the /64 of an IPv6 address, of which one subscriber has 2^64. A proxy is
 * looked through only if it is trusted (see `FastifyAdapterOptions.trustedProxies`).
 */
function clientNetwork(request: FastifyRequest): string {
  const addresses = request.ips ?? [request.ip];
  // What a trusted proxy forwards may be anything; then the proxy itself is the client.
  return addresses.map(networkOf).findLast((network) => network !== undefined) ?? 'unknown';
}

/** An address with a port, as some proxies write it; IPv6 stands in brackets then, and in quotes where it was taken from `Forwarded`. */
const WITH_PORT = /^"?(?:\[([^\]]*)\]|([\d.]+))(?::\d*)?"?$/;

/** Takes the ports out of `X-Forwarded-For`, which whoever follows the chain of proxies would take for no address. */
export function dropForwardedPorts(instance: FastifyInstance): void {
  instance.addHook('onRequest', ({ raw: { headers } }, _reply, done) => {
    const forwarded = headers['x-forwarded-for'];
    if (typeof forwarded === 'string') {
      headers['x-forwarded-for'] = forwarded
        .split(',')
        .map((item) => item.trim().replace(WITH_PORT, '$1$2'))
        .join(',');
    }
    done();
  });
}

/** `203.0.113.7` for itself and for `::ffff:203.0.113.7`, however that is written, `2001:db8:0:1::/64` for `2001:db8:0:1::7`; undefined for no address. */
export function networkOf(address: string): string | undefined {
  const [bare = ''] = address.split('%', 1);
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return undefined;
  const [head = '', tail] = bare.split('::');
  const [before, after] = [groups(head), groups(tail ?? '')];
  const between = Array.from({ length: tail === undefined ? 0 : ALL_GROUPS - before.length - after.length }, () => 0);
  const all = [...before, ...between, ...after];
  const inner = all.splice(MAPPED.length);
  if (MAPPED.every((group, index) => group === all[index]))
    return inner.flatMap((group) => [group >> 8, group & 0xff]).join('.');
  return `${[...all, ...inner]
    .slice(0, SITE_GROUPS)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** Groups of 16 bits; an IPv4 address at the end stands for two. */
function groups(text: string): number[] {
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return group === '' ? [] : [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
