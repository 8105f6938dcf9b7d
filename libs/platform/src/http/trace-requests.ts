// Runs each request within a span of its own, where the application has tracing.
import type { ServerResponse } from 'node:http';
import { PROBLEMS } from '@app/platform/problems';
import { type Failure, type Tracing } from '@app/platform/telemetry';
import type { FastifyInstance } from 'fastify';
import type { AnswerOutcome, Answers } from './answers.js';
import { patternOf } from './routes.js';

/** Add it before other hooks: what they do and log then belongs to the span. */
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
    reply.raw.once('close', () => {
      span.end({ status: statusOf(reply.raw), failure: failureOf(answers.outcomeOf(reply.raw)) });
    });
    span.run(done);
  });
}

function statusOf(response: ServerResponse): number | undefined {
  return response.headersSent ? response.statusCode : undefined;
}

/** The problem that was answered. A caller who hangs up is no fault of the service. */
function failureOf(outcome: AnswerOutcome): Failure | undefined {
  if (outcome === 'ok') return undefined;
  return { type: outcome, isFault: outcome !== 'aborted' && PROBLEMS[outcome].status >= 500 };
}
