// The client of ExpressPlay's token services: asks for one token and answers with it, or with one of four errors.
import { Budget } from '@app/platform/clock';
import { type IssuedToken, readTokenAnswer } from './answer.js';
import {
  AuthenticatorChoice,
  type AuthenticatorSource,
  type FallbackListener,
  notify,
  sourceOf,
} from './authenticators.js';
import type { TokenService } from './codes.js';
import { ExpressPlayError, QueueTimeoutError } from './errors.js';
import { licenseHostCheck, type LicenseHostCheck, type TokenServiceLocation, tokenServiceUrl } from './hosts.js';
import { PARAMETERS, type WireParameter } from './parameters.js';
import { checkTokenRequest, encodeForm, tokenParameters, type TokenRequest } from './request.js';
import { type Call, type HttpAnswer, HttpTransport, type PoolLoad, type TransportOptions } from './transport.js';

/** One request and its answer, as far as those who watch may know: nothing of what is sent, nor of what comes back. */
export interface Exchange {
  readonly service: TokenService;
  /** Where to: scheme, host, port and path. */
  readonly url: string;
}

/**
 * Is run around each exchange. It calls `send` exactly once and settles as that does: what `send` answers with is a secret and
 * none of its business, what it throws is an `ExpressPlayError`.
 *
 * `send` takes the one header that may be added, a `traceparent` of W3C Trace Context. What is not one is not sent.
 */
export type ExchangeWrapper = <T>(exchange: Exchange, send: (traceparent?: string) => Promise<T>) => Promise<T>;

/** Where ExpressPlay is, who is asking, and how long an answer may take. */
export interface ExpressPlayClientOptions extends TokenServiceLocation, TransportOptions {
  /**
   * The account's API key for the environment, `<number>,<32 hex digits>`, or where the keys come from that can change. A
   * secret. One that says it is for the other environment is sent nowhere.
   */
  customerAuthenticator: string | AuthenticatorSource;
  /** Is called when a request was refused for its authenticator and sent again with another. */
  onAuthenticatorFallback?: FallbackListener;
  /** Is called with what came of each request that was sent, for counting. What it throws is dropped. */
  onAnswer?: (answer: ExpressPlayAnswer) => void;
  /** Is run around each request that is sent, for tracing. */
  aroundExchange?: ExchangeWrapper;
  /** Whether licence URLs are asked for with the `https` scheme, by the unlisted parameter `useHttps=true`. */
  useHttps: boolean;
  /**
   * Names of further hosts that licence URLs may have, without scheme and port. Those of the environment are known; so is the host
   * of `baseUrl`. An emulator that hands out URLs for another host than it is called at needs this.
   */
  licenseHosts?: readonly string[];
  /** The clock that the end of a rental is compared with before it is sent; the system's by default. */
  now?: () => Date;
}

/** What came of one request: a token, or the error that says why not. */
export interface ExpressPlayAnswer {
  readonly service: TokenService;
  /** Undefined when a token was issued. */
  readonly error?: ExpressPlayError;
}

/** Buys licence tokens for one account in one environment. Holds connections open until it is closed. */
export class ExpressPlayClient {
  // Private to the language, so that logging a client shows no secret.
  readonly #authenticators: AuthenticatorChoice;
  readonly #options: ExpressPlayClientOptions;
  readonly #urls: Readonly<Record<TokenService, string>>;
  readonly #isLicenseHost: LicenseHostCheck;
  readonly #transport: HttpTransport;

  /**
   * @throws InvalidTokenRequestError when the authenticator has the wrong form or is the other environment's
   * @throws TypeError when `baseUrl` is not a plain http or https URL or not one of the environment's, or a name of
   *   `licenseHosts` is not one of a host
   */
  constructor(options: ExpressPlayClientOptions) {
    const source = sourceOf(options.customerAuthenticator);
    source.current().first.keyFor(options.environment);
    this.#authenticators = new AuthenticatorChoice(source, options.onAuthenticatorFallback);
    this.#options = { ...options };
    this.#urls = {
      playready: tokenServiceUrl('playready', options),
      fairplay: tokenServiceUrl('fairplay', options),
      widevine: tokenServiceUrl('widevine', options),
    };
    this.#isLicenseHost = licenseHostCheck(options, options.licenseHosts);
    this.#transport = new HttpTransport(options);
  }

  /**
   * Asks for a token, once: it is not asked again after a failure, because each token that ExpressPlay issues may be charged for,
   * received or not. The one exception is a refusal for the authenticator (-2018), which sells nothing: if there is another
   * authenticator, it is asked once more with that one, if at least half of the time is left. An answer that comes too late may
   * have cost a token: whatever has waited for a connection until less than a fifth is left is not sent.
   *
   * @param request its keys are read until the promise settles, and can be cleared then
   * @param budget for all of it; by default, and at most, the client's deadline. What was sent is waited for although nobody waits any
   *   more: a token may have been issued
   * @throws AbandonedError when nobody waits any more; nothing was sent
   * @throws InvalidTokenRequestError when ExpressPlay would refuse the request; nothing was sent
   * @throws RefusedError when ExpressPlay refused it
   * @throws UnreadableAnswerError when the answer is neither a token nor a refusal
   * @throws TransportError when no complete answer came
   */
  async requestToken(request: TokenRequest, budget?: Budget): Promise<IssuedToken> {
    const { environment, useHttps, now, timeoutMs } = this.#options;
    checkTokenRequest(request, now?.() ?? new Date());
    const whole = new Budget(Math.min(timeoutMs, budget?.leftMs ?? timeoutMs));
    const wholeMs = whole.leftMs;
    const beforeSending = () => {
      budget?.throwIfAbandoned();
      if (whole.leftMs <= wholeMs / 5) throw new QueueTimeoutError();
    };
    return this.#authenticators.use(
      (authenticator) => {
        const customerAuthenticator = authenticator.keyFor(environment);
        const parameters = tokenParameters(request, { customerAuthenticator, useHttps });
        return this.#send(request.drm, parameters, { budget: whole, beforeSending });
      },
      () => whole.leftMs >= wholeMs / 2,
    );
  }

  /**
   * Sends exactly the given parameters, in their order, unchecked and with nothing added, not even the authenticator: for tools
   * that look at what ExpressPlay makes of them.
   *
   * @throws RefusedError, UnreadableAnswerError, TransportError as `requestToken`
   */
  async requestRaw(service: TokenService, parameters: readonly (readonly [string, string])[]): Promise<IssuedToken> {
    return this.#send(service, parameters);
  }

  /** Calls and connections at the moment. */
  get load(): PoolLoad {
    return this.#transport.load;
  }

  /** Lets calls in flight finish, each within its deadline, and closes the connections. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  async #send(service: TokenService, parameters: readonly WireParameter[], call?: Call): Promise<IssuedToken> {
    const { aroundExchange, onAnswer } = this.#options;
    const url = this.#urls[service];
    const send = (traceparent?: string) => this.#exchange(url, parameters, { ...call, traceparent });
    try {
      const issued = await (aroundExchange?.({ service, url }, send) ?? send());
      notify(onAnswer, { service });
      return issued;
    } catch (error) {
      if (error instanceof ExpressPlayError) notify(onAnswer, { service, error });
      throw error;
    }
  }

  async #exchange(url: string, parameters: readonly WireParameter[], call: Call): Promise<IssuedToken> {
    const form = encodeForm(parameters);
    let answer: HttpAnswer;
    try {
      answer = await this.#transport.post(url, form, call);
    } finally {
      form.fill(0);
    }
    const authenticators = parameters.flatMap(([name, value]) =>
      name === PARAMETERS.customerAuthenticator && typeof value === 'string' ? [value] : [],
    );
    return readTokenAnswer(answer, { authenticators, isLicenseHost: this.#isLicenseHost });
  }
}
