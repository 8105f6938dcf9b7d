// Bodies that are handed to their route as they come, for imports that are larger than memory.
import type { IncomingMessage } from 'node:http';
import { DomainError } from '@app/platform/problems';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { routeConfig } from './routes.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The one media type of the route's body. */
    streamedBody?: string;
  }
}

/**
 * A route that takes a body of this media type alone, and as a stream: `request.body` is the `IncomingMessage`, not yet
 * read. Neither the limit on a body's size nor the one on the time it takes to come holds for it; a connection on which
 * nothing moves is still closed.
 */
export function StreamedBody(mediaType: string): MethodDecorator {
  return routeConfig({ streamedBody: mediaType });
}

/** The media type of a route that streams its body, or undefined. */
export function streamedBodyOf(request: FastifyRequest): string | undefined {
  return request.routeOptions.config.streamedBody;
}

/** How long, in ms, an answer that ended before its request is left to arrive. */
const LINGER_MS = 2000;

/** Reads the bodies of such routes. Call it before there are routes. */
export function streamBodies(instance: FastifyInstance): void {
  instance.addHook('onRoute', ({ config }) => {
    const mediaType = config?.streamedBody;
    if (mediaType === undefined || instance.hasContentTypeParser(mediaType)) return;
    instance.addContentTypeParser(mediaType, (request, payload, done) => {
      if (streamedBodyOf(request) === undefined) done(unsupported('application/json'));
      else done(null, payload);
    });
  });
  instance.addHook('preParsing', (request, _reply, payload, done) => {
    const wanted = streamedBodyOf(request);
    if (wanted === undefined || request.mediaType === wanted) done(null, payload);
    else done(unsupported(wanted));
  });
  instance.addHook('onResponse', (request, _reply, done) => {
    if (streamedBodyOf(request) !== undefined && !request.raw.complete) endConnection(request.raw);
    done();
  });
}

/** What is still sent is thrown away: a connection closed with something unread is reset, and the end of the answer lost. */
function endConnection(request: IncomingMessage): void {
  const { socket } = request;
  request.resume();
  socket.end();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

function unsupported(wanted: string): DomainError {
  return new DomainError('unsupported-media-type', `The body must be sent as ${wanted}.`);
}
