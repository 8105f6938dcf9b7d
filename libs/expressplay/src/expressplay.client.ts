// The client of ExpressPlay's token services: asks for one token and answers with it, or with one of four errors.
import { tokenServiceUrl, type TokenServiceLocation } from './hosts.js';
import { HttpTransport, type TransportOptions } from './http-transport.js';
import { encodeForm, tokenParameters } from './token-parameters.js';
import type { Drm, IssuedToken, TokenRequest } from './token-request.js';
import { readTokenAnswer } from './token-response.js';
import { checkAuthenticator, checkTokenRequest } from './validation.js';

/** Where ExpressPlay is, who is asking, and how long an answer may take. */
export interface ExpressPlayClientOptions extends TokenServiceLocation, TransportOptions {
  /** The account's API key for the environment: `<number>,<32 hex digits>`. A secret. */
  customerAuthenticator: string;
}

/** Buys licence tokens for one account in one environment. Holds connections open until it is closed. */
export class ExpressPlayClient {
  // Private to the language, so that logging a client shows no secret.
  readonly #customerAuthenticator: string;
  readonly #urls: Record<Drm, string>;
  readonly #transport: HttpTransport;

  /**
   * @throws InvalidTokenRequestError when the authenticator has the wrong form
   * @throws TypeError when `baseUrl` is not a plain http or https URL
   */
  constructor(options: ExpressPlayClientOptions) {
    checkAuthenticator(options.customerAuthenticator);
    this.#customerAuthenticator = options.customerAuthenticator;
    this.#urls = {
      playready: tokenServiceUrl('playready', options),
      fairplay: tokenServiceUrl('fairplay', options),
    };
    this.#transport = new HttpTransport(options);
  }

  /**
   * Asks for a token, once: it is not asked again after a failure, because each token that ExpressPlay issues is charged for,
   * received or not.
   *
   * @throws InvalidTokenRequestError when ExpressPlay would refuse the request; nothing was sent
   * @throws RefusedError when ExpressPlay refused it
   * @throws UnreadableAnswerError when the answer is neither a token nor a refusal
   * @throws TransportError when no whole answer came
   */
  async requestToken(request: TokenRequest): Promise<IssuedToken> {
    checkTokenRequest(request);
    const form = encodeForm(tokenParameters(request, this.#customerAuthenticator));
    const answer = await this.#transport.post(this.#urls[request.drm], form);
    return readTokenAnswer(answer, this.#customerAuthenticator);
  }

  /** Lets calls in flight finish, each within its deadline, and closes the connections. */
  close(): Promise<void> {
    return this.#transport.close();
  }
}
