// The HTTP server that both apps and their tests run on.
import { createServer, type Server } from 'node:http';
import type { HttpAdapterHost } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions } from 'fastify';
import { Answers } from './answers.js';
import { leadNowhere } from './bad-address.js';
import { dropForwardedPorts } from './client-address.js';
import { closeQueuedResponses, endableConnections } from './connection-ends.js';
import type { CrossOrigin } from './cross-origin.js';
import { parseJsonBody } from './json-body.js';
import { markManagement } from './management-requests.js';
import { answerProtocolError, answerSilences } from './protocol-error.js';
import { requestIdOf } from './request-id.js';
import type { RequestRules } from './request-rules.js';
import { secureAnswers, securityHeaders } from './security-headers.js';
import { DEFAULT_LIMITS, type ServerLimits, serverOptions, SILENCE_TIMEOUT_MS } from './server-limits.js';

/** What differs between servers. */
export interface FastifyAdapterOptions {
  /** Largest request body, in bytes; a larger one is `payload-too-large`. */
  readonly bodyLimitBytes: number;
  /** Addresses and networks (CIDR) of proxies in front, whose `X-Forwarded-*` is believed. Default: none. */
  readonly trustedProxies?: readonly string[];
  /** Limits other than `DEFAULT_LIMITS`. */
  readonly limits?: Partial<ServerLimits>;
  /** Rules for all requests, which `configureApplication` puts into force. Default: none. */
  readonly rules?: RequestRules;
  /** Pages of browsers that may read answers. Default: none. */
  readonly crossOrigin?: CrossOrigin;
  /** Whether management has a listener of its own, which `listenForManagement` opens. Default: no. */
  readonly managementApart?: boolean;
}

/** Longest parameter of a path, in characters: the ids that stores choose are longer than the 100 that are usual. */
const MAX_PARAMETER_LENGTH = 1024;

/** Nest's adapter, with limits, and with a JSON reader alone: a form is a 415. */
export class HttpAdapter extends FastifyAdapter {
  readonly limits: ServerLimits;
  readonly rules: RequestRules | undefined;
  readonly crossOrigin: CrossOrigin | undefined;
  /** The second listener, to the same routes; undefined when management is not apart. */
  readonly managementServer: Server | undefined;
  /** Every answer that is given, on either listener. */
  readonly answers: Answers;
  readonly #endings: (() => void)[] = [];

  constructor(options: FastifyAdapterOptions) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const headers = options.rules === undefined ? {} : securityHeaders(options.rules.hstsMaxAgeSeconds);
    const answers = new Answers();
    super(fastifyOptions(options, limits, headers, answers));
    this.answers = answers;
    this.limits = limits;
    this.rules = options.rules;
    this.crossOrigin = options.crossOrigin;
    const instance = this.getInstance();
    instance.removeContentTypeParser('text/plain');

    const servers: Server[] = [instance.server];
    if (options.managementApart) {
      this.managementServer = createServer(serverOptions(limits), (request, response) => {
        markManagement(request);
        instance.routing(request, response);
      });
      this.managementServer.setTimeout(SILENCE_TIMEOUT_MS);
      this.managementServer.on('clientError', (error, socket) => answerProtocolError(error, socket, headers, answers));
      servers.push(this.managementServer);
    }
    for (const server of servers) {
      server.maxConnections = limits.maxConnections;
      secureAnswers(server, headers);
      answerSilences(server, headers, answers);
      answers.watch(server);
      closeQueuedResponses(server);
      if (options.trustedProxies?.length) dropForwardedPorts(server);
      this.#endings.push(endableConnections(server));
    }
  }

  /** Ends the connections that carry no request, now and as soon as that is so. */
  endConnections(): void {
    for (const end of this.#endings) end();
  }

  override registerParserMiddleware(_prefix?: string, rawBody?: boolean): void {
    const { maxJsonDepth: maxDepth, maxJsonMembers: maxMembers } = this.limits;
    const { bodyLimit } = this.getInstance().initialConfig;
    this.useBodyParser('application/json', rawBody ?? false, { bodyLimit }, (_request, body: Buffer, done) => {
      try {
        done(null, parseJsonBody(body, { maxDepth, maxMembers }));
      } catch (error) {
        done(error as Error, undefined);
      }
    });
  }
}

/** A Fastify adapter for `NestFactory.create` and `createNestApplication`. Pair it with `configureApplication`. */
export function fastifyAdapter(options: FastifyAdapterOptions): HttpAdapter {
  return new HttpAdapter(options);
}

/** The adapter of an application that was made with one. */
export function adapterOf(app: NestFastifyApplication): HttpAdapter {
  return checked(app.getHttpAdapter());
}

/** The answers of an application that was made with `fastifyAdapter`, for its providers. */
export function answersOf({ httpAdapter }: HttpAdapterHost): Answers {
  return checked(httpAdapter).answers;
}

function checked(adapter: unknown): HttpAdapter {
  if (!(adapter instanceof HttpAdapter)) throw new Error('The application was not made with fastifyAdapter().');
  return adapter;
}

function fastifyOptions(
  { bodyLimitBytes, trustedProxies = [] }: FastifyAdapterOptions,
  limits: ServerLimits,
  headers: Readonly<Record<string, string>>,
  answers: Answers,
): FastifyHttpOptions<Server> {
  return {
    logger: false,
    bodyLimit: bodyLimitBytes,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    genReqId: requestIdOf,
    http: serverOptions(limits),
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    connectionTimeout: SILENCE_TIMEOUT_MS,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    forceCloseConnections: 'idle',
    // While draining, requests on open connections are still served; readiness tells the balancer to go elsewhere.
    return503OnClosing: false,
    // Errors of the router itself, which no hook and no filter sees.
    frameworkErrors: (error, { raw, server }, reply) => {
      leadNowhere(raw, error);
      server.routing(raw, reply.raw);
    },
    clientErrorHandler: (error, socket) => answerProtocolError(error, socket, headers, answers),
  };
}
