// The HTTP server that both apps and their tests run on: its limits, its listeners, and the router under Nest.
import { once } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:http';
import type { HttpAdapterHost } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions, FastifyInstance, FastifyRequest } from 'fastify';
import { Answers } from './answers.js';
import { requestIdOf } from './follow-requests.js';
import { answerProtocolError, answerSilences } from './protocol-error.js';
import { leadNowhere, markManagement } from './routes.js';

/** Limits of one server; the times are in ms. */
export interface ServerLimits {
  /** From the opening of a connection, or the first byte of a later request, to the end of a request's headers. */
  readonly headersTimeoutMs: number;
  /** From the end of a request's headers to the end of its body. */
  readonly bodyTimeoutMs: number;
  /** From the end of a request's headers to its answer; 0 sets no limit. */
  readonly answerTimeoutMs: number;
  /** How long a connection without a request is kept. */
  readonly keepAliveTimeoutMs: number;
  /** Most connections at once; more are closed unheard. */
  readonly maxConnections: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  headersTimeoutMs: 10_000,
  bodyTimeoutMs: 10_000,
  answerTimeoutMs: 0,
  // Longer than the usual 60 s of load balancers, so that they close first.
  keepAliveTimeoutMs: 72_000,
  maxConnections: 10_000,
};

export interface FastifyAdapterOptions {
  /** Largest request body, in bytes; a larger one is `payload-too-large`. */
  readonly bodyLimitBytes: number;
  /** Addresses and networks (CIDR) of proxies in front, whose `X-Forwarded-*` is believed. Default: none. */
  readonly trustedProxies?: readonly string[];
  /** Limits other than `DEFAULT_LIMITS`. */
  readonly limits?: Partial<ServerLimits>;
  /** Whether management has a listener of its own, which `listenForManagement` opens. Default: no. */
  readonly managementApart?: boolean;
}

/** Longest parameter of a path, in characters: the ids that stores choose are longer than the 100 that are usual. */
const MAX_PARAMETER_LENGTH = 1024;
/** Largest request line and headers together, in bytes. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Silence on a connection, in ms, after which it is closed; longer than any answer takes. */
const SILENCE_TIMEOUT_MS = 60_000;
/** How often, in ms, Node looks for connections whose time is up. */
const CHECK_INTERVAL_MS = 1000;

type SecurityHook = Parameters<FastifyAdapter['registerSecurityHook']>[0];

/** Nest's adapter, with limits and two listeners, and without readers of bodies. */
export class HttpAdapter extends FastifyAdapter {
  readonly limits: ServerLimits;
  /** The second listener, to the same router; undefined when management is not apart. */
  readonly managementServer: Server | undefined;
  /** Every answer that is given, on either listener. */
  readonly answers = new Answers();
  #securityHook: SecurityHook | undefined;

  constructor(options: FastifyAdapterOptions) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    super(fastifyOptions(options, limits));
    this.limits = limits;
    const instance: FastifyInstance = this.getInstance();
    instance.removeContentTypeParser('text/plain');
    if (options.managementApart) this.managementServer = this.#managementServer(instance);
    for (const server of this.servers) {
      server.maxConnections = limits.maxConnections;
      server.on('clientError', (error, socket) => answerProtocolError(error, socket, this.#headers(), this.answers));
      answerSilences(server, () => this.#headers(), this.answers);
    }
  }

  /** All listeners. */
  get servers(): readonly Server[] {
    const { server } = this.getInstance<FastifyInstance>();
    return this.managementServer === undefined ? [server] : [server, this.managementServer];
  }

  /** Nest's own read forms, and JSON that two readers could understand differently. */
  override registerParserMiddleware(): void {}

  override registerSecurityHook(hook: SecurityHook): void {
    this.#securityHook = hook;
    super.registerSecurityHook(hook);
  }

  /** Ends with the application: no new connections, requests in flight are finished, idle connections go. */
  #managementServer(instance: FastifyInstance): Server {
    const server = createServer(serverOptions(this.limits), (request, response) => {
      markManagement(request);
      instance.routing(request, response);
    });
    server.setTimeout(SILENCE_TIMEOUT_MS);
    let closed: Promise<unknown> | undefined;
    instance.addHook('preClose', (done) => {
      if (server.listening) {
        closed = once(server, 'close');
        server.close();
      }
      done();
    });
    instance.addHook('onClose', async () => {
      await closed;
    });
    return server;
  }

  /** The headers of every answer, for those that are given where there is no request. */
  #headers(): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {};
    const response = {
      setHeader: (name: string, value: string) => void (headers[name] = value),
      removeHeader: () => undefined,
    };
    void this.#securityHook?.({} as FastifyRequest, response);
    return headers;
  }
}

/** A Fastify adapter for `NestFactory.create` and `createNestApplication`. */
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
): FastifyHttpOptions<Server> {
  return {
    logger: false,
    bodyLimit: bodyLimitBytes,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    genReqId: requestIdOf,
    http: serverOptions(limits),
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    // Of a target in another form the router would drop the first character, and Nest would answer before all hooks.
    rewriteUrl: (request) => {
      const { url = '' } = request;
      if (!/^(?:\/|https?:\/\/)/i.test(url)) leadNowhere(request);
      return request.url ?? '';
    },
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
    // Both listeners have their own.
    clientErrorHandler: () => undefined,
  };
}

/** The limits that Node's own server keeps. */
function serverOptions({ headersTimeoutMs, keepAliveTimeoutMs }: ServerLimits): ServerOptions {
  return {
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // Bodies have a time limit each (`keepDeadlines`), and imports have none.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, headersTimeoutMs),
    maxHeaderSize: MAX_HEADER_BYTES,
    // Its absence is answered with a problem document by those who mind.
    requireHostHeader: false,
  };
}
