// What every application of this project does with requests, in `main.ts` and in tests alike.
import { Clock } from '@app/clock';
import { DomainError, ProblemFilter, RouteNotFoundError, validationPipe } from '@app/problems';
import { HttpAdapterHost } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Logger } from 'nestjs-pino';
import { refuseBadAddresses } from './bad-address.js';
import { allowOrigins } from './cross-origin.js';
import { keepDeadlines } from './deadlines.js';
import { adapterOf } from './fastify-adapter.js';
import { closeWithApplication } from './management-listener.js';
import { limitNetworks, warnOfUndeclaredProxy } from './network-limit.js';
import { REQUEST_ID_HEADER } from './request-id.js';
import { type RouteTable, routeTable } from './route-table.js';
import { streamBodies } from './streamed-body.js';
import { refuseUnclearRequests } from './strict-requests.js';
import { UnexpectedInputInterceptor } from './unexpected-input.interceptor.js';

/**
 * Sets up logging (when the app has `loggingModule`), problem documents, validation, request ids, wrong addresses, how
 * bodies are received, and the rules that `fastifyAdapter` was given; those need `ClockModule`.
 * Call it once, after the application is created and before `init` or `listen`.
 */
export function configureApplication(app: NestFastifyApplication): void {
  useLogger(app);
  app.useGlobalFilters(new ProblemFilter(app.get(HttpAdapterHost)));
  app.useGlobalPipes(validationPipe());
  const adapter = adapterOf(app);
  const instance: FastifyInstance = adapter.getInstance();
  const { rules, limits, managementServer } = adapter;
  const routes = routeTable(instance, rules?.placeOf ?? (() => 'both'), managementServer !== undefined);
  if (managementServer !== undefined) closeWithApplication(instance, managementServer);

  answerRequestIds(instance);
  // Before whatever refuses requests: their bodies may go on coming after the answer.
  keepDeadlines(instance, limits, routes);
  if (rules !== undefined) {
    const clock = app.get(Clock, { strict: false });
    allowOrigins(instance, rules.allowedOrigins, routes);
    refuseUnclearRequests(instance);
    limitNetworks(instance, rules, routes, () => clock.now().getTime());
    warnOfUndeclaredProxy(instance);
    app.useGlobalInterceptors(new UnexpectedInputInterceptor());
  }
  refuseBadAddresses(instance);
  answerWrongMethods(instance, routes);
  if (rules !== undefined) answerWrongAddresses(instance, routes);
  streamBodies(instance, routes);
}

function useLogger(app: NestFastifyApplication): void {
  let logger: Logger;
  try {
    logger = app.get(Logger, { strict: false });
  } catch {
    // Without the logging module Nest's own logger stays.
    return;
  }
  app.useLogger(logger);
}

function answerRequestIds(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    done();
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
