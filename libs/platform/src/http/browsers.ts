// What browsers are asked to do: to do as little as possible with an answer, and which pages may read it (CORS by allow-list).
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hasEmptyPart } from './routes.js';

/**
 * Sets headers on every answer, whoever gives it. An answer may set its own: a page of documentation needs another
 * Content-Security-Policy, say.
 * @param onlyTls whether browsers are to use https alone, for a year
 */
export function useSecurityHeaders(app: NestFastifyApplication, onlyTls: boolean): void {
  app.useSecurityHeaders({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': "'none'", 'frame-ancestors': "'none'" },
    },
    strictTransportSecurity: onlyTls && { maxAge: 31_536_000, includeSubDomains: false },
    // For pages, which no answer with such a policy is.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: false,
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: false,
    xXssProtection: false,
  });
}

/** Keeps answers out of caches, but for those that say otherwise. */
export function forbidCaching(instance: FastifyInstance): void {
  instance.addHook('onRequest', (_request, { raw: response }, done) => {
    response.setHeader('Cache-Control', 'no-store');
    done();
  });
}

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

/** How long, in seconds, a browser may keep the answer to a preflight. */
const PREFLIGHT_MAX_AGE_SECONDS = 600;

/** Whether an origin is that of a page on this machine, on whatever port. */
export function isLoopbackOrigin(origin: string): boolean {
  return /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/.test(origin);
}

/**
 * Lets pages call public routes. An origin that is not allowed gets answers without CORS headers, which its browser keeps
 * from it. Cookies and other credentials that a browser adds by itself are never allowed: the bearer token is the page's
 * own to send. Preflights still need `answerPreflights`.
 */
export function allowOrigins(app: NestFastifyApplication, { allows, requestHeaders }: CrossOrigin): void {
  app.enableCors({
    delegator: (request: FastifyRequest, answer: (error: null, options: object) => void) => {
      const { origin } = request.headers;
      const path = request.url.split('?', 1)[0] ?? '';
      const isPublic = hasEmptyPart(request) || request.routeOptions.config.listener !== 'management';
      const methods = methodsOf(request);
      answer(null, {
        origin: isPublic && origin !== undefined && allows(origin, path),
        methods: [...methods],
        allowedHeaders: requestHeaders,
        exposedHeaders: 'Retry-After, X-Request-Id',
        maxAge: PREFLIGHT_MAX_AGE_SECONDS,
        preflight: request.headers['access-control-request-method'] !== undefined && methods.length > 0,
        preflightContinue: true,
      });
    },
  });
  // Last, because a route's own `Vary` takes the place of the one that is set before.
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (_request, reply, _payload, done) => {
      const own = String(reply.getHeader('vary') ?? 'Origin');
      void reply.header('Vary', own.includes('Origin') ? own : `${own}, Origin`);
      done();
    });
}

/** Answers preflights that are allowed. Call it after whatever limits requests: it lets nothing after it see them. */
export function answerPreflights(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request, reply, done) => {
    if (reply.hasHeader('Access-Control-Allow-Methods')) {
      void reply.code(204).header('Allow', methodsOf(request).join(', ')).send();
    } else done();
  });
}

/** The methods of the address of a request for what it takes; empty when there is nothing at it. */
function methodsOf(request: FastifyRequest): readonly string[] {
  const { config, method } = request.routeOptions;
  return hasEmptyPart(request) ? [] : (config.allowed ?? [method ?? []].flat());
}
