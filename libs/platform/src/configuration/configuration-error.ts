// What is wrong with the environment, all of it at once, by variable and never with a value.

export interface ConfigurationProblem {
  /** Name of the environment variable to change. */
  readonly variable: string;
  /** What is wrong and what is expected; never the value. */
  readonly problem: string;
}

/** The process cannot start as it is set up. The message is for whoever starts it: what is wrong, and what to do. */
export class StartRefusedError extends Error {
  override readonly name: string = 'StartRefusedError';
}

/** The environment does not fit its schema. The message has one line per problem, `VARIABLE: what is wrong`. */
export class ConfigurationError extends StartRefusedError {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly ConfigurationProblem[]) {
    super(problems.map(({ variable, problem }) => `${variable}: ${problem}`).join('\n'));
  }
}

/**
 * Thrown by a variable's `parse` when the text is malformed. The message says what is expected, as the end of a
 * sentence that begins with the variable's name ("must be ..."), and must not contain any part of the text.
 */
export class InvalidValueError extends Error {
  override readonly name = 'InvalidValueError';
}
