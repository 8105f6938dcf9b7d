// What a command's exit code says, and the errors that lead to one.

/** Exit codes; 130 and 143 are those of a shell for Ctrl-C and SIGTERM, 141 that for a reader that has gone. */
export const EXIT = {
  ok: 0,
  /** The answer is no, or a check failed. */
  no: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** There is no answer: the database, the service or a file could not be asked. */
  unavailable: 3,
  readerGone: 141,
} as const;

/** An error whose message is all that its reader needs: what is wrong, and what to change. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** The command line or the configuration is wrong. */
export function usageError(message: string): CommandError {
  return new CommandError(EXIT.usage, message);
}

/** Somebody who had to be asked did not answer. */
export function unavailable(message: string): CommandError {
  return new CommandError(EXIT.unavailable, message);
}

/** The command was ended by a signal. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';

  /** @param exitCode that of the signal */
  constructor(readonly exitCode: number) {
    super('Interrupted.');
  }
}
