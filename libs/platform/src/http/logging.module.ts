// Structured logs: JSON lines for machines, coloured ones for people.
import { type DynamicModule, RequestMethod } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { type DestinationStream, destination } from 'pino';
import { logOptions, type LogLevel } from './log-options.js';

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
