// ExpressPlay's API for what an account manages, which takes the authenticator in the query alone: the one secret of ours in a URL.
import { readJsonAnswer } from './answer.js';
import { AuthenticatorChoice, type AuthenticatorSource, type FallbackListener, sourceOf } from './authenticators.js';
import { accountApiUrl, type TokenServiceLocation } from './hosts.js';
import { PARAMETERS } from './parameters.js';
import { type HttpRequest, HttpTransport, type TransportOptions } from './transport.js';

/** Where ExpressPlay is, who is asking, and how long an answer may take. Nobody may watch the requests: their URLs are secret. */
export interface AccountApiOptions
  extends TokenServiceLocation, Pick<TransportOptions, 'connectTimeoutMs' | 'timeoutMs' | 'maxConnections'> {
  /** The account's API key for the environment, or where the keys come from that can change. */
  customerAuthenticator: string | AuthenticatorSource;
  /** Is called when a request was refused for its authenticator and sent again with another. */
  onAuthenticatorFallback?: FallbackListener;
}

/** Lists of a whole account are long. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** One call, below the API's base URL. */
export interface ApiCall extends Pick<HttpRequest, 'method'> {
  path: string;
  query?: Readonly<Record<string, string>>;
  /** Is sent as JSON. */
  body?: object;
}

export class AccountApi {
  readonly #options: AccountApiOptions;
  readonly #base: string;
  readonly #authenticators: AuthenticatorChoice;
  readonly #transport: HttpTransport;

  /** @throws InvalidTokenRequestError, TypeError as the constructor of `ExpressPlayClient` */
  constructor(options: AccountApiOptions) {
    const { customerAuthenticator, onAuthenticatorFallback, connectTimeoutMs, timeoutMs, maxConnections } = options;
    const source = sourceOf(customerAuthenticator);
    source.current().first.keyFor(options.environment);
    this.#options = options;
    this.#base = accountApiUrl(options);
    this.#authenticators = new AuthenticatorChoice(source, onAuthenticatorFallback);
    this.#transport = new HttpTransport({ connectTimeoutMs, timeoutMs, maxConnections, maxBodyBytes: MAX_BODY_BYTES });
  }

  /**
   * Asks once, and once more with the other authenticator when one is refused.
   *
   * @returns what the JSON of the answer says; undefined when it is empty
   * @throws RefusedError, UnreadableAnswerError, TransportError; none has the URL
   */
  ask({ method, path, query, body }: ApiCall): Promise<unknown> {
    return this.#authenticators.use(async (authenticator) => {
      const key = authenticator.keyFor(this.#options.environment);
      const parameters = new URLSearchParams({ [PARAMETERS.customerAuthenticator]: key, ...query });
      const answer = await this.#transport.send({
        method,
        url: `${this.#base}${path}?${parameters.toString()}`,
        body: body && JSON.stringify(body),
        pool: this.#base,
      });
      return readJsonAnswer(answer, key);
    });
  }

  /** Lets calls in flight finish, and closes the connections. */
  close(): Promise<void> {
    return this.#transport.close();
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** The items of a list, be it bare or the only list in an object; undefined when it is neither. */
export function listIn(json: unknown): readonly unknown[] | undefined {
  if (Array.isArray(json)) return json as unknown[];
  const lists = isObject(json) ? Object.values(json).filter((value) => Array.isArray(value)) : [];
  return lists.length === 1 ? (lists[0] as unknown[]) : undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of the first of some members that has one, numbers as text; undefined when none has. */
export function textIn(object: JsonObject, ...names: string[]): string | undefined {
  const found = names
    .map((name) => object[name])
    .find((value) => typeof value === 'string' || typeof value === 'number');
  return found === undefined ? undefined : String(found);
}
