// The log: JSON lines for machines, coloured ones for people; how a line looks, and what is kept out.
import type { IncomingMessage } from 'node:http';
import { type DynamicModule, type LoggerService, Module } from '@nestjs/common';
import {
  type DestinationStream,
  destination,
  levels,
  type Logger,
  type LoggerOptions,
  pino,
  stdTimeFunctions,
} from 'pino';
import { describeError, scrubSecrets } from '@app/platform/problems';
import { currentTraceFields, traceFieldsOf } from '@app/platform/telemetry';
import type { Answered, Answers } from './answers.js';
import { addressAsSent } from './routes.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the lines of this request say beside its id, address and answer. Never a secret. */
    facts: RequestFacts;
  }
}

/** Facts about a request for its lines in the log: plain values that are no secrets. */
export type RequestFacts = Record<string, string | number | boolean | undefined>;

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

/** How long, in ms, requests are counted before a line says how many there were. */
const SUMMARY_MS = 1000;

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

/** The log of a process. Nest's own `Logger` writes to it, too. */
export class Log implements LoggerService {
  readonly #log: Logger;
  /** For lines that are made of facts alone: nothing in them has to be looked for. */
  readonly #facts: Logger;
  readonly #quietPaths: readonly string[];
  #refused = 0;

  constructor({ level, quietPaths = ['/health'] }: Omit<LoggingOptions, 'pretty' | 'stream'>, out: DestinationStream) {
    this.#log = pino(logOptions(level), out);
    const { redact: _, hooks: __, ...plain } = logOptions(level);
    this.#facts = pino(plain, out);
    this.#quietPaths = quietPaths;
  }

  /**
   * @param first a message, an error, or what a line says beside its message
   * @param rest the message and its arguments; last, as Nest gives it, who logs
   */
  log(first: unknown, ...rest: unknown[]): void {
    this.#write('info', first, rest);
  }

  fatal(first: unknown, ...rest: unknown[]): void {
    this.#write('fatal', first, rest);
  }

  error(first: unknown, ...rest: unknown[]): void {
    this.#write('error', first, rest);
  }

  warn(first: unknown, ...rest: unknown[]): void {
    this.#write('warn', first, rest);
  }

  debug(first: unknown, ...rest: unknown[]): void {
    this.#write('debug', first, rest);
  }

  verbose(first: unknown, ...rest: unknown[]): void {
    this.#write('trace', first, rest);
  }

  #write(level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace', first: unknown, rest: unknown[]): void {
    const context = rest.at(-1);
    const args = rest.slice(0, -1);
    if (first instanceof Error) this.#log[level]({ context, err: first }, ...(args as []));
    else if (typeof first === 'object') this.#log[level]({ context, ...first }, ...(args as []));
    else this.#log[level]({ context }, first as string, ...args);
  }

  /** Writes a line for each request when it is answered, or never will be; one a second for all that were `overloaded`. */
  watch(answers: Answers): void {
    answers.subscribe((answered) => this.#answered(answered));
  }

  #answered({ request, response, outcome, seconds = 0 }: Answered): void {
    if (request === undefined || response === undefined) return;
    if (outcome === 'overloaded') {
      this.#sumUp();
      return;
    }
    const { statusCode: status } = response;
    const path = pathOf(request.raw);
    const isQuiet = this.#quietPaths.some((quiet) => path === quiet || path.startsWith(`${quiet}/`));
    const level = status >= 500 ? (status === 500 ? 'error' : 'warn') : isQuiet ? 'debug' : 'info';
    const isWhole = !request.raw.readableAborted && response.writableEnded;
    this.#facts[level](
      {
        requestId: request.id,
        ...request.facts,
        request: { method: request.method, path: scrubSecrets(path) },
        response: { status },
        durationMs: Math.round(seconds * 1000),
        ...traceFieldsOf(request.raw),
      },
      status >= 500 ? 'request failed' : isWhole ? 'request completed' : 'request aborted',
    );
  }

  /** A line for each would take longer than refusing does. */
  #sumUp(): void {
    this.#refused += 1;
    if (this.#refused > 1) return;
    setTimeout(() => {
      this.#facts.warn({ code: 'overloaded', count: this.#refused }, 'requests refused');
      this.#refused = 0;
    }, SUMMARY_MS).unref();
  }
}

@Module({})
class LoggingModule {}

/** The global module that has the `Log`. */
export function loggingModule({ pretty, stream, ...options }: LoggingOptions): DynamicModule {
  const useFactory = async () => {
    const out = stream ?? destination({ fd: 1, sync: true });
    return new Log(options, pretty ? await prettyStream(out) : out);
  };
  return { module: LoggingModule, global: true, providers: [{ provide: Log, useFactory }], exports: [Log] };
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
 * How lines look. One line a request, when it is answered: `requestId`, `request` (method and path, nothing else), `response`
 * (status), `durationMs`, and the request's facts. All lines of a request that is traced carry the `traceId`, `spanId` and
 * `traceFlags` of the span that they are written in.
 */
export function logOptions(level: LogLevel): LoggerOptions {
  return {
    level,
    base: undefined,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => currentTraceFields() ?? {},
    redact: { paths: [...REDACTED_PATHS], censor: REDACTED },
    hooks: { logMethod: scrubTexts },
    // What the problem filter describes already is passed on.
    serializers: { err: (error: unknown) => (error instanceof Error ? describeError(error) : error) },
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

function pathOf(request: IncomingMessage): string {
  return addressAsSent(request).split('?', 1)[0] ?? '';
}
