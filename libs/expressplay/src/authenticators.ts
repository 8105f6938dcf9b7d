// An account's API keys, each with the environment it is for, and which of two a request is sent with.
import { inspect } from 'node:util';
import { InvalidTokenRequestError, RefusedError } from './errors.js';
import type { ExpressPlayEnvironment } from './hosts.js';
import { PARAMETERS } from './parameters.js';

/** `<number>,<32 hex digits>`, after the name of its environment or without it. */
const LABELLED = /^(?:(test|production):)?(\d+,[0-9a-f]{32})$/i;

/**
 * A customer authenticator. ExpressPlay's keys do not say which environment they are for, so whoever keeps them may write
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

/** The authenticators in force: the first, and during a change the second. */
export interface AuthenticatorPair {
  readonly first: CustomerAuthenticator;
  readonly second?: CustomerAuthenticator | undefined;
}

/** Where authenticators come from when they can change while the process runs. */
export interface AuthenticatorSource {
  /** Those in force. */
  current(): AuthenticatorPair;
  /** Those in force after looking for newer ones just now. */
  refresh(): AuthenticatorPair;
}

/** Where an authenticator comes from that does not change. @throws InvalidTokenRequestError as `CustomerAuthenticator.parse` */
export function sourceOf(authenticator: string | AuthenticatorSource): AuthenticatorSource {
  if (typeof authenticator !== 'string') return authenticator;
  const pair = { first: CustomerAuthenticator.parse(authenticator) };
  return { current: () => pair, refresh: () => pair };
}

/** The place of an authenticator in its pair. */
export type AuthenticatorRole = 'first' | 'second';

/** A request was refused for its authenticator (-2018) and sent once more with another. */
export interface AuthenticatorFallback {
  /** The one that was refused, by the place it had then. */
  readonly rejected: AuthenticatorRole;
  /** The one that was tried instead. Both are `first` when the first one was replaced meanwhile. */
  readonly tried: AuthenticatorRole;
  /** A token was issued (`accepted`), it was refused for its authenticator too (`rejected`), or something else failed. */
  readonly outcome: 'accepted' | 'rejected' | 'failed';
  /** Whether requests begin with `tried` from now on and did not before. */
  readonly switched: boolean;
}

/** Is called with each fallback. What it throws is dropped. */
export type FallbackListener = (fallback: AuthenticatorFallback) => void;

type Candidate = readonly [role: AuthenticatorRole, authenticator: CustomerAuthenticator];

/**
 * Sends with the first authenticator and, when ExpressPlay does not know it, once more with the second, which is then
 * preferred until it is refused in its turn or the pair changes. A refusal for the authenticator is charged for by nobody.
 */
export class AuthenticatorChoice {
  readonly #source: AuthenticatorSource;
  readonly #listener: FallbackListener | undefined;
  #pair: AuthenticatorPair;
  #preferred: AuthenticatorRole = 'first';

  constructor(source: AuthenticatorSource, listener?: FallbackListener) {
    this.#source = source;
    this.#listener = listener;
    this.#pair = source.current();
  }

  /**
   * Runs `send` with the preferred authenticator, and once more with another if that is refused.
   * @param isInTime whether there is time to run it again
   * @throws what `send` throws
   */
  async use<T>(
    send: (authenticator: CustomerAuthenticator) => Promise<T>,
    isInTime: () => boolean = () => true,
  ): Promise<T> {
    const [rejected, used] = this.#inOrder(this.#source.current())[0];
    try {
      return await send(used);
    } catch (error) {
      if (!isRejected(error) || !isInTime()) throw error;
      // The file may have been swapped since it was last looked at, and the old authenticator be gone already.
      const other = this.#inOrder(this.#source.refresh()).find(([, authenticator]) => !authenticator.equals(used));
      if (other === undefined) throw error;
      return this.#retry(send, rejected, other);
    }
  }

  async #retry<T>(
    send: (authenticator: CustomerAuthenticator) => Promise<T>,
    rejected: AuthenticatorRole,
    [tried, authenticator]: Candidate,
  ): Promise<T> {
    try {
      const result = await send(authenticator);
      // The pair may have changed while the answer was under way: then the place says nothing any more.
      const switched = this.#preferred !== tried && authenticator.equals(this.#pair[tried]);
      if (switched) this.#preferred = tried;
      notify(this.#listener, { rejected, tried, outcome: 'accepted', switched });
      return result;
    } catch (error) {
      notify(this.#listener, { rejected, tried, outcome: isRejected(error) ? 'rejected' : 'failed', switched: false });
      throw error;
    }
  }

  /** Both, the preferred one before the other. */
  #inOrder(pair: AuthenticatorPair): readonly [Candidate, ...Candidate[]] {
    if (!isSame(pair, this.#pair)) {
      this.#pair = pair;
      this.#preferred = 'first';
    }
    const first: Candidate = ['first', pair.first];
    if (pair.second === undefined) return [first];
    const second: Candidate = ['second', pair.second];
    return this.#preferred === 'second' ? [second, first] : [first, second];
  }
}

/** Calls a listener, if there is one, whose errors must not change what is answered: a token that was issued may be charged for. */
export function notify<T>(listener: ((event: T) => void) | undefined, event: T): void {
  try {
    listener?.(event);
  } catch {
    // The listener's fault, and nothing that whoever waits for the answer could do about.
  }
}

function isSame(one: AuthenticatorPair, other: AuthenticatorPair): boolean {
  return one.first.equals(other.first) && (one.second?.equals(other.second) ?? other.second === undefined);
}

function isRejected(error: unknown): boolean {
  return error instanceof RefusedError && error.code === -2018;
}
