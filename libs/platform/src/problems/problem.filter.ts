// The one place that turns errors into answers.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AbandonedError } from '@app/platform/clock';
import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { describeError } from './describe-error.js';
import { type DomainError, PROBLEM_MEDIA_TYPE, type ProblemCode, problemDocument, PROBLEMS } from './problem.js';
import { toDomainError } from './to-domain-error.js';

/** What is read of a request that failed. */
interface FailedRequest {
  readonly id: string;
  /** What its lines in the log say. */
  readonly facts?: object;
  readonly raw: IncomingMessage;
}

/**
 * Global filter for Fastify: answers every error as `application/problem+json` and logs server faults once, scrubbed of
 * secrets. The caller never sees a cause, a stack or a foreign error's text.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger(ProblemFilter.name);

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const adapter = this.adapterHost.httpAdapter;
    const request = host.switchToHttp().getRequest<FailedRequest>();
    const response = host.switchToHttp().getResponse<{ raw: ServerResponse }>();
    const error = toDomainError(exception);
    // The caller hung up: nobody is at fault and nobody listens.
    const aborted = exception instanceof AbandonedError || (request.raw.destroyed && !request.raw.complete);
    if (!aborted) this.#log(error, request);
    noteProblem(response.raw, error.code);
    if (adapter.isHeadersSent(response)) {
      adapter.end(response);
      return;
    }
    for (const [name, value] of Object.entries(headersOf(error))) adapter.setHeader(response, name, value);
    const document = problemDocument(error, request.id);
    adapter.reply(response, JSON.stringify(document), document.status);
  }

  #log(error: DomainError, { id: requestId, facts }: FailedRequest): void {
    const { status, title } = PROBLEMS[error.code];
    if (status < 500) return;
    // A problem that was made out of another error is logged as that error.
    const logged = error.code === 'internal-error' && error.cause !== undefined ? error.cause : error;
    const line = { requestId, ...facts, msg: title, code: error.code, err: describeError(logged) };
    const level = error.logLevel ?? (status === 500 || status === 502 ? 'error' : 'warn');
    this.#logger[level](line);
  }
}

function headersOf({ headers, retryAfterSeconds: seconds }: DomainError): Record<string, string> {
  return {
    ...headers,
    ...(seconds === undefined ? {} : { 'Retry-After': String(Math.max(0, Math.ceil(seconds))) }),
    'Content-Type': PROBLEM_MEDIA_TYPE,
    'Cache-Control': 'no-store',
  };
}

const codes = new WeakMap<ServerResponse, ProblemCode>();

/** Takes note of the problem that an answer has. */
export function noteProblem(response: ServerResponse, code: ProblemCode): void {
  codes.set(response, code);
}

/** The problem that an answer has; undefined when it has none. */
export function problemOf(response: ServerResponse): ProblemCode | undefined {
  return codes.get(response);
}
