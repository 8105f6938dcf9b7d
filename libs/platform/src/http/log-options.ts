// How a log line looks: names of fields, levels, and what is kept out.
import { type IncomingMessage, ServerResponse } from 'node:http';
import { describeError, scrubSecrets } from '@app/platform/problems';
import { currentTraceFields, traceFieldsOf } from '@app/platform/telemetry';
import { levels, type Logger, stdTimeFunctions } from 'pino';
import type { Options } from 'pino-http';
import { badAddressOf } from './bad-address.js';
import { REDACTED, REDACTED_PATHS } from './redacted-paths.js';
import { requestIdOf } from './request-id.js';

/** Levels that `LOG_LEVEL` may name. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

interface RequestLine {
  readonly response: unknown;
  readonly durationMs: number;
}

/**
 * Options of the request logger. One line a request, when it is answered: `requestId`, `request` (method and path,
 * nothing else), `response` (status), `durationMs`, and whatever `PinoLogger.assign` added. All lines of a request that is
 * traced carry the `traceId`, `spanId` and `traceFlags` of the span that they are written in.
 *
 * @param quietPaths beginnings of paths whose requests are logged at `debug` unless they fail
 */
export function logOptions(level: LogLevel, quietPaths: readonly string[]): Options {
  return {
    level,
    base: undefined,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: traceFieldsOfLine,
    redact: { paths: [...REDACTED_PATHS], censor: REDACTED },
    hooks: { logMethod: scrubTexts },
    wrapSerializers: false,
    serializers: { request: describeRequest, response: describeResponse, err: describeFailure },
    customAttributeKeys: { req: 'request', res: 'response', reqId: 'requestId', responseTime: 'durationMs' },
    genReqId: (request) => request.id ?? requestIdOf(request),
    quietReqLogger: true,
    customLogLevel: (request, response) => levelOf(response.statusCode, isQuiet(request, quietPaths)),
    // The error itself is logged where it is answered; a second one made of the status says nothing.
    customErrorObject: (_request, _response, _error, line: RequestLine) => ({
      response: line.response,
      durationMs: line.durationMs,
    }),
    customErrorMessage: () => 'request failed',
  };
}

/** Who logs each module and each route at a start, at `info`. */
const NEST_AT_START = ['InstanceLoader', 'RoutesResolver', 'RouterExplorer'];

/** Scrubs messages and their arguments; pino would make an error's own text the message as it is. Nest's list of a start is for `debug`. */
function scrubTexts(
  this: Logger,
  args: unknown[],
  method: (this: never, ...args: never[]) => void,
  level: number,
): void {
  const [first, ...rest] = args;
  if (
    level === levels.values['info'] &&
    NEST_AT_START.includes((first as { context?: string } | null)?.context ?? '')
  ) {
    this.debug(first, ...(rest as []));
    return;
  }
  const error = first instanceof Error ? first : undefined;
  const implied = rest[0] === undefined ? errorMessage(error ?? first) : undefined;
  const all = [error === undefined ? first : { err: error }, ...(implied === undefined ? rest : [implied])];
  method.apply(this as never, all.map((arg) => (typeof arg === 'string' ? scrubSecrets(arg) : arg)) as never[]);
}

function errorMessage(logged: unknown): string | undefined {
  if (logged instanceof Error) return logged.message;
  if (typeof logged !== 'object' || logged === null || !('err' in logged) || 'msg' in logged) return undefined;
  return logged.err instanceof Error ? logged.err.message : undefined;
}

/** A request's last line is written when its answer is out, wherever that is noticed. */
function traceFieldsOfLine(line: object): object {
  const request = 'response' in line && line.response instanceof ServerResponse ? line.response.req : undefined;
  return (request === undefined ? currentTraceFields() : traceFieldsOf(request)) ?? {};
}

/** Method and path. Headers, the query and the body may carry secrets. */
function describeRequest(request: IncomingMessage): Record<string, unknown> {
  return { method: request.method, path: scrubSecrets(pathOf(request)) };
}

function describeResponse(response: ServerResponse): Record<string, unknown> {
  return { status: response.statusCode };
}

/** Errors are described here; what the problem filter describes already is passed on. */
function describeFailure(error: unknown): unknown {
  return error instanceof Error ? describeError(error) : error;
}

function levelOf(status: number, quiet: boolean): 'debug' | 'info' | 'warn' | 'error' {
  if (status === 500) return 'error';
  if (status > 500) return 'warn';
  return quiet ? 'debug' : 'info';
}

function isQuiet(request: IncomingMessage, quietPaths: readonly string[]): boolean {
  const path = pathOf(request);
  return quietPaths.some((quiet) => path === quiet || path.startsWith(`${quiet}/`));
}

function pathOf(request: IncomingMessage & { originalUrl?: string }): string {
  return (badAddressOf(request) ?? request.originalUrl ?? request.url ?? '').split('?', 1)[0] ?? '';
}
