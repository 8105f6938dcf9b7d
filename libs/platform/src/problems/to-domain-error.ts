// Finds the problem code for whatever was thrown: our own errors, Nest's, Fastify's, and the unknown.
import { AbandonedError } from '@app/platform/clock';
import { HttpException } from '@nestjs/common';
import { DomainError, NOTHING_THERE, type ProblemCode } from './problem.js';

/** Fastify's codes that tell the caller more than their status does. */
const FASTIFY_DETAILS: ReadonlyMap<string, string> = new Map([
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'The body is empty; a JSON object is expected.'],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'The body is not valid JSON.'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'The body has another length than Content-Length says.'],
  ['FST_ERR_BAD_URL', 'The address is malformed.'],
]);

/** What is said when only a status is known. The texts of foreign errors may quote the request, so they are not used. */
const DETAILS: ReadonlyMap<number, readonly [ProblemCode, string]> = new Map([
  [400, ['invalid-request', 'The request is malformed.']],
  [401, ['unauthenticated', 'A valid bearer token is required.']],
  [403, ['insufficient-scope', 'The bearer token does not allow this.']],
  [404, ['route-not-found', NOTHING_THERE]],
  [405, ['method-not-allowed', 'The address does not take this method.']],
  [406, ['not-acceptable', 'None of the accepted media types can be answered.']],
  [408, ['request-timeout', 'The request was not received in time.']],
  [413, ['payload-too-large', 'The body is larger than this service takes.']],
  [415, ['unsupported-media-type', 'The body must be sent as application/json.']],
  [429, ['rate-limited', 'Too many requests; try again later.']],
  [431, ['headers-too-large', 'The headers are larger than this service takes.']],
  [503, ['service-unavailable', 'The service cannot answer at the moment.']],
]);

/** The error to answer with. An unknown error becomes `internal-error` with the unknown one as its cause. */
export function toDomainError(exception: unknown): DomainError {
  if (exception instanceof DomainError) return exception;
  // Errors that may not have a code of their own say by this what a caller is told of them.
  if (exception instanceof Error && 'problem' in exception && exception.problem instanceof DomainError) {
    return exception.problem;
  }
  if (exception instanceof AbandonedError) return new DomainError('service-unavailable', exception.message);
  const status = statusOf(exception) ?? 500;
  const code = codeOfStatus(status);
  const unknown =
    code === 'internal-error'
      ? 'Something went wrong here; the request id finds it in our log.'
      : 'The request cannot be served.';
  return new DomainError(code, fastifyDetail(exception) ?? DETAILS.get(status)?.[1] ?? unknown, {
    cause: exception,
    headers: code === 'unauthenticated' ? { 'WWW-Authenticate': 'Bearer' } : {},
  });
}

/** The code that a status of 400 and more stands for where nothing else is known. */
export function codeOfStatus(status: number): ProblemCode {
  return DETAILS.get(status)?.[0] ?? (status < 500 ? 'invalid-request' : 'internal-error');
}

function statusOf(exception: unknown): number | undefined {
  if (exception instanceof HttpException) return exception.getStatus();
  // Fastify's errors and those of its plugins; other libraries' errors carry other servers' statuses.
  if (exception instanceof Error && exception.name === 'FastifyError' && 'statusCode' in exception) {
    return typeof exception.statusCode === 'number' ? exception.statusCode : undefined;
  }
  return undefined;
}

function fastifyDetail(exception: unknown): string | undefined {
  const source = exception instanceof HttpException ? exception.cause : exception;
  if (!(source instanceof Error) || !('code' in source)) return undefined;
  return FASTIFY_DETAILS.get(String(source.code));
}
