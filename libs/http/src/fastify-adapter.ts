// The HTTP server that both apps and their tests run on.
import type { Server, ServerResponse } from 'node:http';
import { PROBLEM_MEDIA_TYPE, problemDocument, toDomainError } from '@app/problems';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions } from 'fastify';
import { answerProtocolError } from './protocol-error.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';

/** What differs between servers. */
export interface FastifyAdapterOptions {
  /** Largest request body, in bytes; a larger one is `payload-too-large`. */
  readonly bodyLimitBytes: number;
  /** Whether `X-Forwarded-*` of a proxy in front may be believed. Default: no. */
  readonly trustProxy?: boolean;
  /** Whether `application/x-www-form-urlencoded` bodies are read beside JSON. Default: no, they are a 415. */
  readonly formBodies?: boolean;
}

/** Longest time, in ms, that a caller may take to send a request's headers; `configureApplication` limits its body. */
const HEADERS_TIMEOUT_MS = 10_000;
/** Silence on a connection, in ms, after which it is closed; longer than any answer takes. */
const CONNECTION_TIMEOUT_MS = 60_000;
/** How long, in ms, an idle connection is kept; longer than the usual 60 s of load balancers, so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
/** Longest parameter of a path, in characters: the ids that stores choose are longer than the 100 that are usual. */
const MAX_PARAMETER_LENGTH = 1024;

/** Nest's adapter, with its form parser only where forms are wanted. */
class HttpAdapter extends FastifyAdapter {
  readonly #formBodies: boolean;

  constructor(options: FastifyHttpOptions<Server>, formBodies: boolean) {
    super(options);
    this.#formBodies = formBodies;
    this.getInstance().removeContentTypeParser('text/plain');
  }

  override registerParserMiddleware(prefix?: string, rawBody?: boolean): void {
    if (this.#formBodies) super.registerParserMiddleware(prefix, rawBody);
  }
}

/** A Fastify adapter for `NestFactory.create` and `createNestApplication`. Pair it with `configureApplication`. */
export function fastifyAdapter(options: FastifyAdapterOptions): FastifyAdapter {
  return new HttpAdapter(
    {
      logger: false,
      bodyLimit: options.bodyLimitBytes,
      trustProxy: options.trustProxy ?? false,
      genReqId: requestIdOf,
      http: { headersTimeout: HEADERS_TIMEOUT_MS },
      routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      forceCloseConnections: 'idle',
      // While draining, requests on open connections are still served; readiness tells the balancer to go elsewhere.
      return503OnClosing: false,
      frameworkErrors: (error, request, reply) => {
        reply.hijack();
        answerRouterError(error, request.id, reply.raw);
      },
      clientErrorHandler: answerProtocolError,
    },
    options.formBodies ?? false,
  );
}

/** Errors of the router itself (a malformed address), which no filter sees. */
function answerRouterError(error: Error, requestId: string, response: ServerResponse): void {
  const document = problemDocument(toDomainError(error), requestId);
  response.writeHead(document.status, {
    [REQUEST_ID_HEADER]: requestId,
    'Content-Type': PROBLEM_MEDIA_TYPE,
    'Cache-Control': 'no-store',
  });
  response.end(JSON.stringify(document));
}
