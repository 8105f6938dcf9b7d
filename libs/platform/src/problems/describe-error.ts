// What a log may say of an error: its kind, its scrubbed text and stack, and its plain facts.
import type { EventEmitter } from 'node:events';
import { writeSync } from 'node:fs';
import { scrubSecrets } from './scrub.js';

/** An error as a log line carries it. Objects that hang on the error (a request, say) are left out. */
export interface DescribedError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: DescribedError;
  readonly errors?: readonly DescribedError[];
  readonly [fact: string]: unknown;
}

const MAX_DEPTH = 5;
const MAX_FACT_LENGTH = 300;
const NO_FACTS = new Set(['name', 'message', 'stack', 'cause', 'errors', 'type']);

/** Describes anything that was thrown, with its causes up to five deep. */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something that is not an error was thrown' };
  const nested = depth < MAX_DEPTH;
  return {
    ...facts(error),
    type: error.name,
    message: scrubSecrets(error.message),
    ...(error.stack === undefined ? {} : { stack: scrubSecrets(error.stack) }),
    ...(nested && error.cause !== undefined ? { cause: describeError(error.cause, depth + 1) } : {}),
    ...(nested && error instanceof AggregateError
      ? { errors: error.errors.map((one: unknown) => describeError(one, depth + 1)) }
      : {}),
  };
}

function facts(error: Error): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(error)) {
    if (NO_FACTS.has(name)) continue;
    if (typeof value === 'string') found[name] = scrubSecrets(value).slice(0, MAX_FACT_LENGTH);
    else if (typeof value === 'number' || typeof value === 'boolean') found[name] = value;
  }
  return found;
}

const STANDARD_ERROR = 2;

/**
 * From now on an error that nobody caught, in a promise or not, is one JSON line on the standard error, scrubbed, and ends
 * the process. The state it leaves behind is unknown, so nothing is gone on with.
 */
export function logUncaughtErrors({
  target = process,
  write = (line) => void writeSync(STANDARD_ERROR, line),
  exitCode = 1,
}: {
  target?: EventEmitter & { exit(code: number): unknown };
  write?: (line: string) => void;
  exitCode?: number;
} = {}): void {
  target.on('uncaughtException', (error) => {
    try {
      const line = { level: 'fatal', time: new Date().toISOString(), err: describeError(error), msg: 'uncaught error' };
      write(`${JSON.stringify(line)}\n`);
    } finally {
      target.exit(exitCode);
    }
  });
}
