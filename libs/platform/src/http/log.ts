// The log: JSON lines for machines, coloured ones for people; how a line looks, and what is kept out.
import { type IncomingMessage, ServerResponse } from 'node:http';
import { type DynamicModule, RequestMethod } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { type DestinationStream, destination, levels, type Logger, stdTimeFunctions } from 'pino';
import type { Options } from 'pino-http';
import { describeError, scrubSecrets } from '@app/platform/problems';
import { currentTraceFields, traceFieldsOf } from '@app/platform/telemetry';
import { requestIdOf } from './request-id.js';
import { addressAsSent } from './routes.js';

/** Names of secrets, as code, headers, ExpressPlay's parameters and the environment spell them. */
const SECRET_NAMES = [
  'authorization',
  'Authorization',
  'cookie',
  'set-cookie',
  'password',
  'secret',
  'customerAuthenticator',
  'authenticator',
  'contentKey',
  'kek',
  'keks',
  'ek',
  'token',
  'bearerToken',
  'accessToken',
  'access_token',
  'licenseUrl',
  'ExpressPlayToken',
  'body',
  'CONTENT_KEY_KEKS',
  'DATABASE_URL',
  'DATABASE_PASSWORD',
  'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR',
  'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT',
] as const;

/** Paths for pino's `redact`: every secret name at the top of a log line and up to two objects deep. */
export const REDACTED_PATHS: readonly string[] = SECRET_NAMES.flatMap((name) => [
  `["${name}"]`,
  `*["${name}"]`,
  `*.*["${name}"]`,
]);

/** What stands in a log in place of a secret. */
export const REDACTED = '[redacted]';

/** What to log, how and where to. */
export interface LoggingOptions {
  readonly level: LogLevel;
  /** Readable lines instead of JSON, where the development dependency pino-pretty is installed. */
  readonly pretty: boolean;
  /** Beginnings of paths whose successful requests are logged at `debug`. Default: `/health`. */
  readonly quietPaths?: readonly string[];
  /** Where lines go; the standard output by default. */
  readonly stream?: DestinationStream;
}

// The library's own default, `{/*splat}`, matches nothing under @fastify/middie 9.3, which puts a slash before it.
const ALL_ROUTES = [{ path: '/{*splat}', method: RequestMethod.ALL }];

/**
 * The global logging module. Inject `PinoLogger` of nestjs-pino to log, and call its `assign({ userId })` to add fields
 * to all later lines of the request, the completion line among them. A process has one log: the first module's.
 */
export function loggingModule({ level, pretty, quietPaths = ['/health'], stream }: LoggingOptions): DynamicModule {
  return LoggerModule.forRootAsync({
    useFactory: async () => {
      const out = stream ?? destination({ fd: 1, sync: true });
      const lines = pretty ? await prettyStream(out) : out;
      return { pinoHttp: [logOptions(level, quietPaths), lines], assignResponse: true, forRoutes: ALL_ROUTES };
    },
  });
}

async function prettyStream(out: DestinationStream): Promise<DestinationStream> {
  const pretty = await import('pino-pretty').catch(() => undefined);
  if (pretty === undefined) {
    // The image has no development dependencies.
    const msg = 'pino-pretty is not installed here, so log lines are JSON: set LOG_FORMAT=json';
    out.write(`${JSON.stringify({ level: 'warn', time: new Date().toISOString(), msg })}\n`);
    return out;
  }
  const { prettyFactory, isColorSupported } = pretty;
  const prettify = prettyFactory({
    colorize: isColorSupported,
    ignore: 'pid,hostname',
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
  });
  return { write: (line) => out.write(prettify(line)) };
}

/** Levels that `LOG_LEVEL` may name. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

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
    serializers: {
      // Headers, the query and the body may carry secrets.
      request: (request: IncomingMessage) => ({ method: request.method, path: scrubSecrets(pathOf(request)) }),
      response: ({ statusCode: status }: ServerResponse) => ({ status }),
      // What the problem filter describes already is passed on.
      err: (error: unknown) => (error instanceof Error ? describeError(error) : error),
    },
    customAttributeKeys: { req: 'request', res: 'response', reqId: 'requestId', responseTime: 'durationMs' },
    genReqId: (request) => request.id ?? requestIdOf(request),
    quietReqLogger: true,
    customLogLevel: (request, { statusCode: status }) => {
      if (status >= 500) return status === 500 ? 'error' : 'warn';
      return isQuiet(request, quietPaths) ? 'debug' : 'info';
    },
    // The error itself is logged where it is answered; a second one made of the status says nothing.
    customErrorObject: (_request, _response, _error, line: { response: unknown; durationMs: number }) => ({
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
  [first, ...rest]: unknown[],
  method: (this: never, ...args: never[]) => void,
  level: number,
): void {
  const { context = '' } = (first ?? {}) as { context?: string };
  if (level === levels.values['info'] && NEST_AT_START.includes(context)) {
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

function isQuiet(request: IncomingMessage, quietPaths: readonly string[]): boolean {
  const path = pathOf(request);
  return quietPaths.some((quiet) => path === quiet || path.startsWith(`${quiet}/`));
}

function pathOf(request: IncomingMessage): string {
  return addressAsSent(request).split('?', 1)[0] ?? '';
}
