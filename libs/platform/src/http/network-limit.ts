// A limit for each client on the network, before anybody is asked who they are.
import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { clientNetwork } from './client-address.js';
import { RateLimitedError } from './rate-limited.error.js';
import { RateLimiter } from './rate-limiter.js';
import type { RequestRules } from './request-rules.js';
import type { RouteTable } from './route-table.js';

/**
 * Limits requests by client network, apart for public routes (and addresses with nothing at them) and management.
 * @param now the present moment, in ms
 */
export function limitNetworks(
  instance: FastifyInstance,
  { requestsPerMinute }: RequestRules,
  routes: RouteTable,
  now: () => number,
): void {
  const limiters = {
    public: new RateLimiter(requestsPerMinute.public, now),
    management: new RateLimiter(requestsPerMinute.management, now),
  };
  instance.addHook('onRequest', (request, _reply, done) => {
    const place = routes.place(request) ?? 'public';
    // Health is asked for by machines that must never be told to wait.
    const wait = place === 'both' ? 0 : limiters[place].take(clientNetwork(request));
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
