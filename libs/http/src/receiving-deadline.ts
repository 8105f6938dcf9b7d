// How long a caller may take to send a request's body.
import type { FastifyInstance } from 'fastify';
import { answerProtocolError } from './protocol-error.js';
import { streamedBodyOf } from './streamed-body.js';

/** From the end of the headers to the end of the body, in ms. */
const BODY_TIMEOUT_MS = 10_000;

/**
 * Ends connections whose request does not come whole in time. Node's own `requestTimeout` holds for every request of a
 * server; here routes that stream their body are exempt.
 */
export function limitReceiving(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request;
    const hasBody = raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length']) > 0;
    if (hasBody && streamedBodyOf(request) === undefined) {
      const deadline = setTimeout(() => {
        if (!raw.complete) answerProtocolError(new Error('the body came too slowly'), raw.socket);
      }, BODY_TIMEOUT_MS).unref();
      raw.once('close', () => clearTimeout(deadline));
    }
    done();
  });
}
