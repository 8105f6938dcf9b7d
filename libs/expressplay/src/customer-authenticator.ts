// An account's API key together with the environment it is for, so that neither is used without the other.
import { inspect } from 'node:util';
import { InvalidTokenRequestError } from './errors.js';
import type { ExpressPlayEnvironment } from './hosts.js';
import { PARAMETERS } from './parameters.js';

/** `<number>,<32 hex digits>`, after the name of its environment or without it. */
const LABELLED = /^(?:(test|production):)?(\d+,[0-9a-f]{32})$/i;

/**
 * A customer authenticator. ExpressPlay's keys do not tell which environment they are for, so whoever keeps them may write
 * it in front: `production:201722,...` is sent to production hosts and to no other. Printing one shows `[hidden]`.
 */
export class CustomerAuthenticator {
  readonly #key: string;

  private constructor(
    key: string,
    /** The environment written in front of the key; undefined when there was none. */
    readonly environment: ExpressPlayEnvironment | undefined,
  ) {
    this.#key = key;
  }

  /**
   * Reads `<number>,<32 hex digits>`, with `test:` or `production:` in front or not.
   *
   * @throws InvalidTokenRequestError -2017 for an empty text, -2018 for a malformed one; without the text
   */
  static parse(text: string): CustomerAuthenticator {
    if (text === '') throw new InvalidTokenRequestError(PARAMETERS.customerAuthenticator, -2017);
    const [, environment, key] = LABELLED.exec(text) ?? [];
    if (key === undefined) throw new InvalidTokenRequestError(PARAMETERS.customerAuthenticator, -2018);
    return new CustomerAuthenticator(key, environment?.toLowerCase() as ExpressPlayEnvironment | undefined);
  }

  /**
   * The key as it goes on the wire, to a host of one environment.
   *
   * @throws InvalidTokenRequestError -2018, which is what ExpressPlay calls the other environment's authenticator
   */
  keyFor(environment: ExpressPlayEnvironment): string {
    if (this.environment !== undefined && this.environment !== environment) {
      throw new InvalidTokenRequestError(PARAMETERS.customerAuthenticator, -2018);
    }
    return this.#key;
  }

  /** Whether both are the same key for the same environment. */
  equals(other: CustomerAuthenticator | undefined): boolean {
    return other !== undefined && other.#key === this.#key && other.environment === this.environment;
  }

  toJSON(): string {
    return '[hidden]';
  }

  [inspect.custom](): string {
    return '[hidden]';
  }
}
