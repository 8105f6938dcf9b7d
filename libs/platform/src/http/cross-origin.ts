// CORS by allow-list: which pages of browsers may read answers.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RouteTable } from './route-table.js';

/** Pages that may call public routes. */
export interface CrossOrigin {
  /**
   * @param origin as the browser says it: scheme, host and port
   * @param path that is asked for, without its query
   */
  readonly allows: (origin: string, path: string) => boolean;
  /** Headers that they may send, as `Access-Control-Allow-Headers` has them. */
  readonly requestHeaders: string;
}

const EXPOSED_HEADERS = 'Retry-After, X-Request-Id';
/** How long, in seconds, a browser may keep the answer to a preflight. */
const PREFLIGHT_MAX_AGE_SECONDS = 600;
const LOOPBACK = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

/** Whether an origin is that of a page on this machine, on whatever port. */
export function isLoopbackOrigin(origin: string): boolean {
  return LOOPBACK.test(origin);
}

/**
 * Lets pages call public routes. An origin that is not allowed gets answers without CORS headers, which its browser keeps
 * from it. Cookies and other credentials that a browser adds by itself are never allowed: the bearer token is the page's
 * own to send. Preflights still need `answerPreflights`.
 */
export function allowOrigins(instance: FastifyInstance, crossOrigin: CrossOrigin, routes: RouteTable): void {
  const { allows, requestHeaders } = crossOrigin;
  instance.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    const path = request.url.split('?', 1)[0] ?? '';
    if (origin !== undefined && allows(origin, path) && routes.place(request) !== 'management') {
      void reply.headers({
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Expose-Headers': EXPOSED_HEADERS,
        ...(isPreflight(request) ? preflightHeaders(routes.methods(request), requestHeaders) : {}),
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

/** Answers preflights that are allowed. Call it after whatever limits requests: it lets nothing after it see them. */
export function answerPreflights(instance: FastifyInstance, routes: RouteTable): void {
  instance.addHook('onRequest', (request, reply, done) => {
    if (reply.hasHeader('Access-Control-Allow-Methods')) {
      void reply.code(204).header('Allow', routes.methods(request).join(', ')).send();
    } else done();
  });
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function preflightHeaders(methods: readonly string[], requestHeaders: string): Record<string, string> {
  if (methods.length === 0) return {};
  return {
    'Access-Control-Allow-Methods': methods.join(', '),
    'Access-Control-Allow-Headers': requestHeaders,
    'Access-Control-Max-Age': String(PREFLIGHT_MAX_AGE_SECONDS),
  };
}
