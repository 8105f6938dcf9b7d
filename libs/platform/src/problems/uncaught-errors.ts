// Says what ended the process, without what hangs on the error: Node itself prints an error with all its properties.
import { writeSync } from 'node:fs';
import { describeError } from './describe-error.js';

const STANDARD_ERROR = 2;

/** What the process is told of and asked for; `process`, but for tests. */
export interface UncaughtErrors {
  on(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
  exit(code: number): unknown;
}

/** What may be otherwise than in the process of a service. */
export interface UncaughtErrorsOptions {
  readonly target?: UncaughtErrors;
  readonly write?: (line: string) => void;
  /** The code that the process ends with; 1 by default. */
  readonly exitCode?: number;
}

/**
 * From now on an error that nobody caught, in a promise or not, is one JSON line on the standard error, scrubbed, and ends
 * the process. The state it leaves behind is unknown, so nothing is gone on with.
 */
export function tellUncaughtErrors({
  target = process,
  write = (line) => void writeSync(STANDARD_ERROR, line),
  exitCode = 1,
}: UncaughtErrorsOptions = {}): void {
  target.on('uncaughtException', (error) => {
    try {
      const line = { level: 'fatal', time: new Date().toISOString(), err: describeError(error), msg: 'uncaught error' };
      write(`${JSON.stringify(line)}\n`);
    } finally {
      target.exit(exitCode);
    }
  });
}
