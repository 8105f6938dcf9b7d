// Answers the errors of ExpressPlay's own routes as ExpressPlay does, in the format that the request asked for.
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorFormatOf, sendError } from './error-answer.js';
import { EventError } from './event-error.js';
import { InjectedError } from './injected.error.js';
import { parametersOf } from './request-parameters.js';
import { WrongUrlError } from './wrong-url.error.js';

type ProtocolError = EventError | InjectedError | WrongUrlError;

@Catch(EventError, InjectedError, WrongUrlError)
export class ProtocolErrorFilter implements ExceptionFilter<ProtocolError> {
  catch(error: ProtocolError, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const format = errorFormatOf(parametersOf(http.getRequest<FastifyRequest>()));
    sendError(http.getResponse<FastifyReply>(), format, error);
  }
}
