// What all of ExpressPlay's own routes share: methods, base URL, answers to errors and to wrong URLs, and who may read answers.
import type { Server } from 'node:http';
import { type CrossOrigin, isLoopbackOrigin } from '@app/platform/http';
import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Environment } from '../environment.js';
import { TOKEN_SERVICES } from '../token-services/token-issuer.js';
import { EventError, PlainError, sendError, wrongUrl } from './errors.js';
import { isControl } from './reading.js';

/** The base of the licence URLs that are handed out. */
@Injectable()
export class BaseUrl {
  constructor(private readonly environment: Environment) {}

  /** The configured base URL, or the one that the request came to; without a slash at its end. */
  of(request: FastifyRequest): string {
    const { EMULATOR_PUBLIC_URL, EMULATOR_PORT } = this.environment;
    // HTTP/1.0 need not name a host.
    const host = request.host || `localhost:${EMULATOR_PORT}`;
    return (EMULATOR_PUBLIC_URL ?? `${request.protocol}://${host}`).replace(/\/+$/, '');
  }
}

/** Answers the errors of ExpressPlay's own routes as ExpressPlay does, in the format that the request asked for. */
@Catch(EventError, PlainError)
export class ProtocolErrorFilter implements ExceptionFilter {
  catch(error: EventError | PlainError, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendError(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), error);
  }
}

/**
 * Wrong URLs are answered as ExpressPlay does, and so are methods other than the documented ones: a HEAD would spend or redeem
 * a token that nobody sees.
 */
export function answerWrongUrls(instance: FastifyInstance): void {
  instance.addHook('preHandler', (request, reply, done) => {
    const methods = request.url.startsWith('/keystore/') ? ['GET', 'POST', 'DELETE'] : ['GET', 'POST'];
    const isKnown = !request.is404 && methods.includes(request.method);
    if (isKnown || isControl(request)) done();
    else sendError(request, reply, wrongUrl());
  });
}

/**
 * Players everywhere get licences; what a test sets and reads is for pages of this machine. Token requests carry the
 * authenticator, which no page may have.
 */
export const CROSS_ORIGIN: CrossOrigin = {
  allows: (origin, path) =>
    TOKEN_SERVICES.some(({ rightsPath }) => rightsPath === path) ||
    (path.startsWith('/emulator/') && isLoopbackOrigin(origin)),
  // Players and DRM systems add headers of their own.
  requestHeaders: '*',
};

/**
 * The largest query and body, all of it characters that JSON escapes with six, once as parameters and once as terms, in
 * base64, have less than 1.5 MiB. Node's own limit, 16 KiB for the request line and the headers, would refuse such a
 * token before anything here could say so.
 */
const LARGEST_HEAD_BYTES = 2 * 1024 * 1024;

/** Raises the limit of a server, which Node looks up for every new connection. */
export function takeLongTokens(server: Server): void {
  Object.assign(server, { maxHeaderSize: LARGEST_HEAD_BYTES });
}
