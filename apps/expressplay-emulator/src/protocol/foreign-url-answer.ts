// Answers wrong URLs outside the services' paths as ExpressPlay does, instead of in the emulator's own words.
import type { FastifyInstance } from 'fastify';
import { errorFormatOf, sendError } from './error-answer.js';
import { isForeignUrl } from './foreign-url.js';
import { parametersOf } from './request-parameters.js';
import { WrongUrlError } from './wrong-url.error.js';

/** Adds the answer to a Fastify instance. Call before it is ready. */
export function answerForeignUrls(instance: FastifyInstance): void {
  instance.addHook('preHandler', (request, reply, done) => {
    if (isForeignUrl(request)) sendError(reply, errorFormatOf(parametersOf(request)), new WrongUrlError());
    else done();
  });
}
