// ExpressPlay, as this process is configured to buy tokens of it.
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import {
  type AuthenticatorSource,
  ExpressPlayClient,
  type IssuedToken,
  type PoolLoad,
  type TokenRequest,
  TransportError,
} from '@app/expressplay';
import { Environment } from '../environment.js';
import { connectTimeoutMs, expressPlayLocation, licenseHosts } from '../environment/expressplay.js';
import { Exchanges, exchangeSpan } from '../observability/exchanges.js';
import { Stages } from '../observability/stages.js';
import { InFlight } from '../overload.js';
import { isRefusal } from './license-tokens.errors.js';

/** How many of the players' requests at once there are to a connection to each of ExpressPlay's hosts: most of them wait for none. */
const REQUESTS_PER_CONNECTION = 8;

@Injectable()
export class ExpressPlay implements OnApplicationShutdown {
  readonly #client: ExpressPlayClient;

  constructor(
    environment: Environment,
    private readonly clock: Clock,
    private readonly stages: Stages,
    exchanges: Exchanges,
    private readonly inFlight: InFlight,
  ) {
    this.#client = new ExpressPlayClient({
      ...expressPlayLocation(environment),
      customerAuthenticator: authenticatorsOf(environment),
      onAuthenticatorFallback: (fallback) => exchanges.fellBack(fallback),
      onAnswer: (answer) => exchanges.answered(answer),
      aroundExchange: exchangeSpan,
      useHttps: true,
      licenseHosts: licenseHosts(environment),
      now: () => clock.now(),
      connectTimeoutMs: connectTimeoutMs(environment),
      timeoutMs: environment.EXPRESSPLAY_TIMEOUT_MS,
      maxConnections: Math.ceil(environment.MAX_REQUESTS_IN_FLIGHT / REQUESTS_PER_CONNECTION),
    });
  }

  /**
   * Buys a token, while it is of use: one that has ended by then is none, nor is it anybody's fault that it was refused.
   * @throws ExpressPlayError
   */
  async requestToken(request: TokenRequest): Promise<IssuedToken> {
    const isOfUse = (): boolean => this.clock.now() < request.expiresAt;
    try {
      const token = await this.stages.run('upstream', () =>
        this.inFlight.outside(() => this.#client.requestToken(request)),
      );
      if (isOfUse()) return token;
    } catch (error) {
      if (isOfUse() || !isRefusal(error)) throw error;
    }
    throw new TransportError('timeout');
  }

  /** Calls and connections at the moment. */
  get load(): PoolLoad {
    return this.#client.load;
  }

  /** Closes the connections after the requests in flight have been answered. */
  onApplicationShutdown(): Promise<void> {
    return this.#client.close();
  }
}

function authenticatorsOf(environment: Environment): AuthenticatorSource {
  const first = environment.EXPRESSPLAY_CUSTOMER_AUTHENTICATOR;
  const second = environment.EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT;
  return {
    current: () => ({ first: first.current, second: second.current }),
    refresh: () => ({ first: first.refresh(), second: second.refresh() }),
  };
}
