// What every application of this project does with requests, in `main.ts` and in tests alike.
import { DomainError, ProblemFilter, validationPipe } from '@app/problems';
import { HttpAdapterHost } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Logger } from 'nestjs-pino';
import { limitReceiving } from './receiving-deadline.js';
import { REQUEST_ID_HEADER } from './request-id.js';
import { collectRouteMethods } from './route-methods.js';
import { streamBodies } from './streamed-body.js';

/**
 * Sets up logging (when the app has `loggingModule`), problem documents, validation, request ids, wrong methods, and how
 * bodies are received.
 * Call it once, after the application is created and before `init` or `listen`.
 */
export function configureApplication(app: NestFastifyApplication): void {
  useLogger(app);
  app.useGlobalFilters(new ProblemFilter(app.get(HttpAdapterHost)));
  app.useGlobalPipes(validationPipe());
  const instance: FastifyInstance = app.getHttpAdapter().getInstance();
  answerRequestIds(instance);
  answerWrongMethods(instance);
  limitReceiving(instance);
  streamBodies(instance);
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
function answerWrongMethods(instance: FastifyInstance): void {
  const routes = collectRouteMethods(instance);
  // Before the body is read: a wrong address with a wrong body is first of all a wrong address.
  instance.addHook('preParsing', (request, reply, _payload, done) => {
    const allowed = request.is404 ? routes.allowed(request.url) : [];
    if (allowed.length === 0) {
      done();
      return;
    }
    const headers = { Allow: allowed.join(', ') };
    if (request.method === 'OPTIONS') void reply.code(204).headers(headers).send();
    else done(new DomainError('method-not-allowed', `This address takes ${headers.Allow}.`, { headers }));
  });
}
