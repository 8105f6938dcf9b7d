// What every application of this project does with requests, in `main.ts` and in tests alike.
import { Clock } from '@app/platform/clock';
import { DomainError, ProblemFilter, RouteNotFoundError, validationPipe } from '@app/platform/problems';
import { Tracing } from '@app/platform/telemetry';
import type { Abstract } from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Logger } from 'nestjs-pino';
import type { Answers } from './answers.js';
import { refuseBadAddresses } from './bad-address.js';
import { allowOrigins, answerPreflights } from './cross-origin.js';
import { keepDeadlines } from './deadlines.js';
import { adapterOf, type HttpAdapter } from './fastify-adapter.js';
import { closeWithApplication } from './management-listener.js';
import { limitNetworks, warnOfUndeclaredProxy } from './network-limit.js';
import { REQUEST_ID_HEADER } from './request-id.js';
import { type RouteTable, routeTable } from './route-table.js';
import { streamBodies } from './streamed-body.js';
import { refuseUnclearRequests } from './strict-requests.js';
import { traceRequests } from './trace-requests.js';
import { UnexpectedInputInterceptor } from './unexpected-input.interceptor.js';

/**
 * Sets up logging and tracing (when the app has `loggingModule` and `telemetryModule`), problem documents, validation,
 * request ids, wrong addresses, how bodies are received, and the rules that `fastifyAdapter` was given; those need `ClockModule`.
 * Call it once, after the application is created and before `init` or `listen`.
 */
export function configureApplication(app: NestFastifyApplication): void {
  useLogger(app);
  app.useGlobalFilters(new ProblemFilter(app.get(HttpAdapterHost)));
  app.useGlobalPipes(validationPipe());
  const adapter = adapterOf(app);
  const instance: FastifyInstance = adapter.getInstance();
  const { rules, limits, managementServer, answers, crossOrigin } = adapter;
  const routes = routeTable(instance, rules?.placeOf ?? (() => 'both'), managementServer !== undefined);
  if (managementServer !== undefined) closeWithApplication(instance, managementServer);

  const tracing = found(app, Tracing);
  if (tracing !== undefined) traceRequests(instance, tracing, routes, answers);
  answerRequestIds(instance);
  endConnectionsOnClose(instance, adapter);
  tellRoutes(instance, routes, answers);
  dropResetConnections(instance);
  // Before whatever refuses requests: their bodies may go on coming after the answer.
  keepDeadlines(instance, limits, routes);
  if (crossOrigin !== undefined) allowOrigins(instance, crossOrigin, routes);
  if (rules !== undefined) {
    const clock = app.get(Clock, { strict: false });
    refuseUnclearRequests(instance);
    limitNetworks(instance, rules, routes, () => clock.now().getTime());
    warnOfUndeclaredProxy(instance);
    app.useGlobalInterceptors(new UnexpectedInputInterceptor());
  }
  if (crossOrigin !== undefined) answerPreflights(instance, routes);
  refuseBadAddresses(instance);
  answerWrongMethods(instance, routes);
  if (rules !== undefined) answerWrongAddresses(instance, routes);
  streamBodies(instance, routes);
}

/** Without the logging module Nest's own logger stays. */
function useLogger(app: NestFastifyApplication): void {
  const logger = found(app, Logger);
  if (logger !== undefined) app.useLogger(logger);
}

/** What a module of the application provides, if one does; asking Nest for what nobody provides ends the process. */
function found<T>(app: NestFastifyApplication, token: Abstract<T>): T | undefined {
  const modules = [...app.get(ModulesContainer).values()];
  return modules.some(({ providers }) => providers.has(token)) ? app.get<T>(token, { strict: false }) : undefined;
}

function answerRequestIds(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
}

/**
 * An answer that is given once the listeners have closed ends its connection. Kept alive, that connection would keep the
 * process for `keepAliveTimeoutMs`, which is longer than an orchestrator waits. So would one whose caller stops in the middle of a
 * request's headers.
 */
function endConnectionsOnClose(instance: FastifyInstance, adapter: HttpAdapter): void {
  let closing = false;
  instance.addHook('preClose', (done) => {
    closing = true;
    adapter.endConnections();
    done();
  });
  instance.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) void reply.header('Connection', 'close');
    done();
  });
}

/** Of a request that may be answered without being let through to its route. */
function tellRoutes(instance: FastifyInstance, routes: RouteTable, answers: Answers): void {
  instance.addHook('onRequest', (request, _reply, done) => {
    const pattern = routes.pattern(request);
    if (pattern !== undefined) answers.routed(request.raw, pattern);
    done();
  });
}

/**
 * A connection that was reset has no address that could be limited, and nobody waits for the answer: nothing is done for it. It
 * counts as aborted.
 */
function dropResetConnections(instance: FastifyInstance): void {
  instance.addHook('onRequest', ({ raw: { socket } }, _reply, done) => {
    if (socket.remoteAddress === undefined) socket.destroy();
    else done();
  });
}

/** A known address with another method: 405 with `Allow`, or the plain list of methods for OPTIONS. */
function answerWrongMethods(instance: FastifyInstance, routes: RouteTable): void {
  // Before the body is read: a wrong address with a wrong body is first of all a wrong address.
  instance.addHook('preParsing', (request, reply, _payload, done) => {
    const allowed = request.is404 ? routes.methods(request) : [];
    if (allowed.length === 0) {
      done();
      return;
    }
    const headers = { Allow: allowed.join(', ') };
    if (request.method === 'OPTIONS') void reply.code(204).headers(headers).send();
    else done(new DomainError('method-not-allowed', `This address takes ${headers.Allow}.`, { headers }));
  });
}

/**
 * An unknown address is answered without a look at the body, and so is one that belongs to the other listener: nothing
 * tells the two apart.
 */
function answerWrongAddresses(instance: FastifyInstance, routes: RouteTable): void {
  instance.addHook('preParsing', (request, _reply, payload, done) => {
    if (routes.place(request) === undefined) done(new RouteNotFoundError());
    else done(null, payload);
  });
}
