// Says what ended the process, without what hangs on the error: Node itself prints an error with all its properties.
import { writeSync } from 'node:fs';
import { describeError } from './describe-error.js';

const STANDARD_ERROR = 2;

/** What the process is told of and asked for; `process`, but for tests. */
export interface UncaughtErrors {
  on(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
  exit(code: number): unknown;
}

/**
 * From now on an error that nobody caught, in a promise or not, is one JSON line on the standard error, scrubbed, and ends
 * the process with 1. The state it leaves behind is unknown, so nothing is gone on with.
 */
export function tellUncaughtErrors(
  target: UncaughtErrors = process,
  write: (line: string) => void = (line) => void writeSync(STANDARD_ERROR, line),
): void {
  target.on('uncaughtException', (error) => {
    try {
      const line = { level: 'fatal', time: new Date().toISOString(), err: describeError(error), msg: 'uncaught error' };
      write(`${JSON.stringify(line)}\n`);
    } finally {
      target.exit(1);
    }
  });
}
