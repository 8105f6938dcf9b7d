// CORS by allow-list: which pages of browsers may read answers.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RouteTable } from './route-table.js';

const ALLOWED_HEADERS = 'Authorization, Content-Type, X-Request-Id';
const EXPOSED_HEADERS = 'Retry-After, X-Request-Id';
/** How long, in seconds, a browser may keep the answer to a preflight. */
const PREFLIGHT_MAX_AGE_SECONDS = 600;

/**
 * Lets pages of these origins call public routes. An origin that is not in the list gets answers without CORS headers,
 * which its browser keeps from it. Cookies and other credentials that a browser adds by itself are never allowed: the
 * bearer token is the page's own to send.
 */
export function allowOrigins(instance: FastifyInstance, origins: readonly string[], routes: RouteTable): void {
  if (origins.length === 0) return;
  const allowed = new Map(origins.map((origin) => [origin, origin]));
  instance.addHook('onRequest', (request, reply, done) => {
    const origin = allowed.get(request.headers.origin ?? '');
    if (origin !== undefined && routes.place(request) !== 'management') {
      void reply.headers({
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Expose-Headers': EXPOSED_HEADERS,
        ...(isPreflight(request) ? preflightHeaders(routes.methods(request)) : {}),
      });
    }
    done();
  });
  // Last, because a route's own `Vary` would take the place of one that is set before.
  instance.addHook('onSend', (_request, reply, _payload, done) => {
    const own = reply.getHeader('vary');
    void reply.header('Vary', own === undefined ? 'Origin' : `${String(own)}, Origin`);
    done();
  });
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function preflightHeaders(methods: readonly string[]): Record<string, string> {
  if (methods.length === 0) return {};
  return {
    'Access-Control-Allow-Methods': methods.join(', '),
    'Access-Control-Allow-Headers': ALLOWED_HEADERS,
    'Access-Control-Max-Age': String(PREFLIGHT_MAX_AGE_SECONDS),
  };
}
