import 'reflect-metadata';
import { SystemClock } from '@app/platform/clock';
import { processEnvironment } from '@app/platform/configuration';
import { logUncaughtErrors } from '@app/platform/problems';
import { run } from './run.js';
import { InterruptedError, EXIT } from './terminal/exit-codes.js';

// Node's own 1 would say that the answer is no.
logUncaughtErrors({ exitCode: EXIT.unavailable });

const ending = new AbortController();
for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    // The first one lets the work end where it is sound; who sends a second one does not want to wait for that.
    if (ending.signal.aborted) process.exit(exitCode);
    ending.abort(new InterruptedError(exitCode));
  });
}
for (const [stream, name] of [
  [process.stdout, 'standard output'],
  [process.stderr, 'standard error'],
] as const) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    // Whoever read this has gone, `head` say.
    if (code === 'EPIPE') process.exit(EXIT.readerGone);
    process.stderr.write(`The ${name} cannot be written (${code}).\n`, () => process.exit(EXIT.unavailable));
  });
}

const { stdout, stderr, stdin } = process;
const exitCode = await run(process.argv.slice(2), {
  env: processEnvironment(),
  stdout,
  stderr,
  stdin,
  clock: new SystemClock(),
  signal: ending.signal,
});
// Nothing that was given up is waited for; what was written is. That it could not be is told above.
stdout.write('', (error) => {
  if (!error) process.exit(exitCode);
});
