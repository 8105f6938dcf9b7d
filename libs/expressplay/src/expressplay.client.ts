// The client of ExpressPlay's token services: asks for one token and answers with it, or with one of four errors.
import type { TokenService } from './event-codes.js';
import { tokenServiceUrl, type TokenServiceLocation } from './hosts.js';
import { HttpTransport, type TransportOptions } from './http-transport.js';
import { licenseHostCheck, type LicenseHostCheck } from './license-hosts.js';
import { PARAMETERS } from './parameters.js';
import { encodeForm, tokenParameters, type ClientParameters } from './token-parameters.js';
import type { IssuedToken, TokenRequest } from './token-request.js';
import { readTokenAnswer } from './token-response.js';
import { checkAuthenticator, checkTokenRequest } from './validation.js';

/** Where ExpressPlay is, who is asking, and how long an answer may take. */
export interface ExpressPlayClientOptions extends TokenServiceLocation, TransportOptions {
  /** The account's API key for the environment: `<number>,<32 hex digits>`. A secret. */
  customerAuthenticator: string;
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

/** Buys licence tokens for one account in one environment. Holds connections open until it is closed. */
export class ExpressPlayClient {
  // Private to the language, so that logging a client shows no secret.
  readonly #parameters: ClientParameters;
  readonly #urls: Readonly<Record<TokenService, string>>;
  readonly #isLicenseHost: LicenseHostCheck;
  readonly #now: () => Date;
  readonly #transport: HttpTransport;

  /**
   * @throws InvalidTokenRequestError when the authenticator has the wrong form
   * @throws TypeError when `baseUrl` is not a plain http or https URL, or a name of `licenseHosts` is not one of a host
   */
  constructor(options: ExpressPlayClientOptions) {
    const { customerAuthenticator, useHttps, now = () => new Date() } = options;
    checkAuthenticator(customerAuthenticator);
    this.#parameters = { customerAuthenticator, useHttps };
    this.#urls = {
      playready: tokenServiceUrl('playready', options),
      fairplay: tokenServiceUrl('fairplay', options),
      widevine: tokenServiceUrl('widevine', options),
    };
    this.#isLicenseHost = licenseHostCheck(options, options.licenseHosts);
    this.#now = now;
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
    checkTokenRequest(request, this.#now());
    return this.requestRaw(request.drm, tokenParameters(request, this.#parameters));
  }

  /**
   * Sends exactly the given parameters, in their order, unchecked and with nothing added, not even the authenticator: for tools
   * that look at what ExpressPlay makes of them.
   *
   * @throws RefusedError, UnreadableAnswerError, TransportError as `requestToken`
   */
  async requestRaw(service: TokenService, parameters: readonly (readonly [string, string])[]): Promise<IssuedToken> {
    const answer = await this.#transport.post(this.#urls[service], encodeForm(parameters));
    const sent = parameters.filter(([name]) => name === PARAMETERS.customerAuthenticator).map(([, value]) => value);
    return readTokenAnswer(answer, {
      authenticators: [this.#parameters.customerAuthenticator, ...sent],
      isLicenseHost: this.#isLicenseHost,
    });
  }

  /** Lets calls in flight finish, each within its deadline, and closes the connections. */
  close(): Promise<void> {
    return this.#transport.close();
  }
}
