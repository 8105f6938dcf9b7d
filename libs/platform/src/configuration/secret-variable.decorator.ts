// Declares a secret that may be mounted as a file, and is taken up again when the file changes.
import { declareVariable } from './variable.decorator.js';

/** How one secret is described, read and documented. */
export interface SecretVariableOptions<T> {
  /** What it is for, one sentence, for people who run the service. */
  readonly description: string;
  /** A value that would work, for documentation and error messages; never a real secret. */
  readonly example?: string;
  /**
   * It may be unset, and its file may be empty or missing: the value is undefined then, and again when the file goes.
   * Without this it is required.
   */
  readonly optional?: boolean;
  /**
   * Turns the bytes into the value and throws InvalidValueError for malformed ones, at start and at each change. The bytes
   * are cleared afterwards: copy what is kept.
   */
  readonly parse: (secret: Buffer) => T;
}

/**
 * Declares a property of type `LiveValue<T>`, or `LiveValue<T | undefined>` for an optional one, as the environment
 * variable of the same name. `NAME_FILE` may name a file that holds it, whose changes are taken up while the process runs.
 * A change that cannot be parsed, or breaks a rule, is logged by the variable's name, and the value before stays in force.
 */
export function SecretVariable<T>(options: SecretVariableOptions<T>): PropertyDecorator {
  const { parse, ...rest } = options;
  return (prototype, key) =>
    declareVariable(prototype, {
      ...rest,
      name: String(key),
      type: 'other',
      secret: true,
      file: true,
      parseSecret: parse,
    });
}
