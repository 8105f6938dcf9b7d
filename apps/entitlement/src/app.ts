// The HTTP application: what a request meets, in this order, from top to bottom.
import { Clock } from '@app/platform/clock';
import {
  adapterOf,
  allowOrigins,
  answerPreflights,
  answerRequestIds,
  answerWrongAddresses,
  answerWrongMethods,
  type ApplicationSpec,
  closeQueuedResponses,
  type CrossOrigin,
  dropForwardedPorts,
  dropResetConnections,
  endConnectionsOnClose,
  forbidCaching,
  isLoopbackOrigin,
  keepDeadlines,
  limitNetworks,
  Log,
  readJsonBodies,
  readOtherBodies,
  refuseBadAddresses,
  refuseUnclearRequests,
  separateListeners,
  streamBodies,
  traceRequests,
  UnexpectedInputGuard,
  useSecurityHeaders,
  warnOfUndeclaredProxy,
  watchMethods,
} from '@app/platform/http';
import { ProblemFilter, validationPipe } from '@app/platform/problems';
import { Tracing } from '@app/platform/telemetry';
import { HttpAdapterHost } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { DestinationStream } from 'pino';
import { AppModule } from './app.module.js';
import { BearerGuard } from './auth/bearer.guard.js';
import { answerTimeoutMs, RECEIVE_TIMEOUT_MS } from './deadlines.js';
import { Environment } from './environment.js';
import { managementPort } from './management-port.js';
import { InFlight, limitInFlight, UserRateGuard } from './overload.js';

/** Largest request body, in bytes: a player's request is a few dozen. */
const BODY_LIMIT_BYTES = 16 * 1024;

/** A CPIX document for some dozens of keys, with what packagers put into manifests. */
const OTHER_BODY_LIMIT_BYTES = 128 * 1024;

/** A content with its policy is three deep, and has some dozens of members. */
const JSON_RULES = { maxDepth: 8, maxMembers: 500 };

/** Connections at once, on each port: each costs memory and a file handle, whether it asks for anything or not. */
const MAX_CONNECTIONS = 10_000;

/** How long a connection without a request is kept, in ms: longer than load balancers keep theirs (Google's ten minutes). */
const KEEP_ALIVE_TIMEOUT_MS = 620_000;

/** What a player's requests carry beyond what browsers let every page send. */
const PLAYERS_HEADERS = 'Authorization, Content-Type, X-Request-Id, traceparent, tracestate';

/**
 * The service as `main.ts` and the tests start it.
 * @param log where log lines go, the standard output by default
 */
export function applicationSpec(environment: Environment, log?: DestinationStream): ApplicationSpec {
  return {
    name: 'Entitlement',
    module: AppModule.forEnvironment(environment, log),
    configure,
    host: environment.HOST,
    port: environment.PORT,
    portVariable: 'PORT',
    management: managementPort(environment),
    bodyLimitBytes: BODY_LIMIT_BYTES,
    trustedProxies: environment.TRUSTED_PROXIES ?? [],
    limits: {
      headersTimeoutMs: RECEIVE_TIMEOUT_MS,
      bodyTimeoutMs: RECEIVE_TIMEOUT_MS,
      answerTimeoutMs: answerTimeoutMs(environment),
      keepAliveTimeoutMs: KEEP_ALIVE_TIMEOUT_MS,
      maxConnections: MAX_CONNECTIONS,
    },
  };
}

/** Registers all that a request meets. Before it there is only what Node itself refuses, which `server.ts` answers. */
export async function configure(app: NestFastifyApplication): Promise<void> {
  const environment = app.get(Environment);
  const clock = app.get(Clock);
  const adapter = adapterOf(app);
  const instance: FastifyInstance = adapter.getInstance();
  const { answers, limits, servers } = adapter;
  const origins = crossOrigin(environment);
  const log = app.get(Log);
  app.useLogger(log);

  // The router: one, and each listener sees its own routes.
  separateListeners(instance, adapter.managementServer !== undefined);
  const answerOtherMethods = watchMethods(instance);
  limitInFlight(instance, app.get(InFlight)); // no more than this process can work on

  // When the headers are there.
  if (origins !== undefined) allowOrigins(app, origins); // also on refusals, or a page could not read them
  useSecurityHeaders(app, environment.NODE_ENV === 'production'); // on every answer, protocol errors too
  answers.watch(instance); // counts and logs whatever is answered from here on
  log.watch(answers);
  closeQueuedResponses(instance); // or those who wait for the end of a pipelined one would wait for ever
  traceRequests(instance, app.get(Tracing), answers); // what follows belongs to the request's span
  forbidCaching(instance);
  answerRequestIds(instance);
  endConnectionsOnClose(instance, servers); // a connection kept alive would hold up the end
  dropResetConnections(instance); // it has no address that could be limited
  keepDeadlines(instance, limits); // before whatever refuses: a body may go on coming after the answer
  refuseUnclearRequests(instance); // before anything is made of headers that may be read in two ways
  if (environment.TRUSTED_PROXIES?.length) dropForwardedPorts(instance); // a client with its port would be many
  limitNetworks(instance, requestsPerMinute(environment), () => clock.now().getTime()); // before anybody is asked who they are
  warnOfUndeclaredProxy(instance);
  if (origins !== undefined) answerPreflights(instance); // they count as requests

  // Before the body is read.
  refuseBadAddresses(instance);
  answerWrongMethods(instance);
  answerWrongAddresses(instance);
  streamBodies(instance); // imports are larger than memory
  readOtherBodies(instance, OTHER_BODY_LIMIT_BYTES);
  readJsonBodies(app, JSON_RULES); // all others

  // In Nest, when the body has been read: who it is, how often they ask, what they ask for.
  app.useGlobalGuards(
    app.get(BearerGuard),
    new UserRateGuard(environment, clock),
    new UnexpectedInputGuard(), // what the handler does not read
  );
  app.useGlobalPipes(validationPipe()); // what it does read

  // The handler; and whatever was thrown since the router.
  app.useGlobalFilters(new ProblemFilter(app.get(HttpAdapterHost)));

  await app.init();
  answerOtherMethods();
}

function requestsPerMinute(environment: Environment): { public: number; management: number } {
  return {
    public: environment.RATE_LIMIT_PER_ADDRESS_PER_MINUTE,
    management: environment.RATE_LIMIT_MANAGEMENT_PER_MINUTE,
  };
}

/** In development any page of this machine, unless some are named. */
function crossOrigin({ CORS_ALLOWED_ORIGINS: named, NODE_ENV: kind }: Environment): CrossOrigin | undefined {
  if (named === undefined && kind !== 'development') return undefined;
  const allows = named === undefined ? isLoopbackOrigin : (origin: string) => named.includes(origin);
  return { allows, requestHeaders: PLAYERS_HEADERS };
}
