// What follows a request: its id, through headers, logs, problem documents and the ledger, and its span.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { PROBLEMS } from '@app/platform/problems';
import type { Tracing } from '@app/platform/telemetry';
import type { FastifyInstance } from 'fastify';
import type { Answers } from './answers.js';
import { patternOf } from './routes.js';

/** Header in which a request id comes in and goes out. */
export const REQUEST_ID_HEADER = 'X-Request-Id';

const ACCEPTED = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's id when it is safe to repeat in logs and headers, else a new one. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && ACCEPTED.test(given) ? given : randomUUID();
}

/** Answers with the id. */
export function answerRequestIds(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
}

/** Runs each request within a span of its own, where the application has tracing. Add it before other hooks: what they do and log then belongs to the span. */
export function traceRequests(instance: FastifyInstance, tracing: Tracing, answers: Answers): void {
  if (!tracing.enabled) return;
  instance.addHook('onRequest', (request, reply, done) => {
    const span = tracing.startRequest({
      key: request.raw,
      method: request.method,
      route: patternOf(request),
      scheme: request.protocol,
      headers: request.headers,
      requestId: request.id,
    });
    if (span === undefined) {
      done();
      return;
    }
    const { raw: response } = reply;
    response.once('close', () => {
      const outcome = answers.outcomeOf(response);
      // The problem that was answered. A caller who hangs up is no fault of the service.
      const isFault = outcome !== 'ok' && outcome !== 'aborted' && PROBLEMS[outcome].status >= 500;
      const status = response.headersSent ? response.statusCode : undefined;
      span.end(status, outcome === 'ok' ? undefined : { type: outcome, isFault });
    });
    span.run(done);
  });
}
