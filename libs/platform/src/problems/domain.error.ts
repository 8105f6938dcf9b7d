// The base of all errors that services throw for the caller to see; it knows codes, not HTTP.
import type { ProblemCode } from './problem-codes.js';

/** What may accompany a DomainError. */
export interface DomainErrorOptions {
  /** More members of the problem document, for example `reason` or `errors`. Never a secret. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** When trying again makes sense, in seconds from now. */
  readonly retryAfterSeconds?: number;
  /** Headers that the answer must carry, for example `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** At which level a server fault is logged; by default `error` for 500 and 502, `warn` for 503 and 504. */
  readonly logLevel?: 'error' | 'warn';
  /** What caused it: logged for server faults, never shown to the caller. */
  readonly cause?: unknown;
}

/**
 * An error that the caller is told about. `detail` is shown to the caller as it is, so it is made of fixed words and
 * names that the caller knows, never of secrets or of another error's text.
 */
export class DomainError extends Error {
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly logLevel: 'error' | 'warn' | undefined;

  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    options: DomainErrorOptions = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.extensions = options.extensions ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.headers = options.headers ?? {};
    this.logLevel = options.logLevel;
  }
}
