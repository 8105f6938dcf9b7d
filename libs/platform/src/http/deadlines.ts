// How long a caller may take to send a body, and the service to answer.
import { DomainError } from '@app/platform/problems';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { startConnectionTimer } from './connections.js';
import type { ServerLimits } from './server.js';
import { streamedBodyOf } from './streamed-body.js';
import { hasBody } from './strict-requests.js';

/**
 * Ends requests whose body is not received in time, and answers those that take too long. Node's own
 * `requestTimeout` holds for every request of a server; here routes that stream their body are exempt.
 */
export function keepDeadlines(instance: FastifyInstance, limits: ServerLimits): void {
  const { bodyTimeoutMs, answerTimeoutMs } = limits;
  instance.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    if (streamedBodyOf(request) === undefined) {
      if (hasBody(raw.headers)) {
        const slow = () => giveUp(reply, new SlowBodyError());
        raw.once('close', startConnectionTimer(raw.socket, slow, bodyTimeoutMs));
      }
      if (answerTimeoutMs > 0) {
        const slow = () => giveUp(reply, new SlowAnswerError());
        reply.raw.once('close', startConnectionTimer(raw.socket, slow, answerTimeoutMs));
      }
    }
    done();
  });
}

/** Answers, if nothing was answered yet, and ends the connection; after an answer its body may still be coming. */
function giveUp(reply: FastifyReply, error: DomainError): void {
  if (reply.sent || reply.raw.headersSent) reply.request.raw.socket.destroy();
  else void reply.send(error);
}

class SlowBodyError extends DomainError {
  constructor() {
    super('request-timeout', 'The body was not received in time.', { headers: { Connection: 'close' } });
  }
}

class SlowAnswerError extends DomainError {
  constructor() {
    super('service-unavailable', 'The request took too long. What was asked may have been stored.', {
      retryAfterSeconds: 1,
      headers: { Connection: 'close' },
    });
  }
}
