// Bodies in another media type than JSON, for routes that take it as well: as the bytes that were sent.
import { DomainError } from '@app/platform/problems';
import type { FastifyInstance } from 'fastify';
import { routeConfig } from './routes.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A media type that the route takes beside JSON. */
    otherBody?: string;
  }
}

/** A route that takes JSON or a body of this media type, which is a `Buffer` as `request.body`. */
export function OtherBody(mediaType: string): MethodDecorator {
  return routeConfig({ otherBody: mediaType });
}

/**
 * Reads the bodies of such routes. Call it before there are routes.
 * @param bodyLimit bytes; more is `payload-too-large`
 */
export function readOtherBodies(instance: FastifyInstance, bodyLimit: number): void {
  instance.addHook('onRoute', ({ config }) => {
    const mediaType = config?.otherBody;
    if (mediaType === undefined || instance.hasContentTypeParser(mediaType)) return;
    instance.addContentTypeParser(mediaType, { parseAs: 'buffer', bodyLimit }, (_request, body, done) => {
      done(null, body);
    });
    // Elsewhere it is refused before it is read.
    instance.addHook('preParsing', (request, _reply, payload, done) => {
      if (request.mediaType !== mediaType || request.routeOptions.config.otherBody === mediaType) done(null, payload);
      else done(new DomainError('unsupported-media-type', 'The body must be sent as application/json.'));
    });
  });
}
