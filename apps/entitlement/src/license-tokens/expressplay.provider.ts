// The ExpressPlay client of this process, made of its configuration and closed with it.
import { Injectable, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { ExpressPlayClient, type AuthenticatorSource } from '@app/expressplay';
import { Environment } from '../environment.js';
import { connectTimeoutMs, expressPlayLocation, licenseHosts } from '../environment/expressplay.js';
import { exchangeSpan } from '../observability/exchange-span.js';
import { AuthenticatorFallbacks } from './authenticator-fallbacks.js';
import { TokenEvents } from './token-events.js';

export const expressPlayProvider: Provider = {
  provide: ExpressPlayClient,
  inject: [Environment, Clock, AuthenticatorFallbacks, TokenEvents],
  useFactory: (environment: Environment, clock: Clock, fallbacks: AuthenticatorFallbacks, events: TokenEvents) =>
    new ExpressPlayClient({
      ...expressPlayLocation(environment),
      customerAuthenticator: authenticatorsOf(environment),
      onAuthenticatorFallback: (fallback) => fallbacks.report(fallback),
      onAnswer: (answer) => events.report({ kind: 'answered', answer }),
      aroundExchange: exchangeSpan,
      useHttps: true,
      licenseHosts: licenseHosts(environment),
      now: () => clock.now(),
      connectTimeoutMs: connectTimeoutMs(environment),
      timeoutMs: environment.EXPRESSPLAY_TIMEOUT_MS,
      maxConnections: environment.EXPRESSPLAY_MAX_CONNECTIONS,
    }),
};

function authenticatorsOf(environment: Environment): AuthenticatorSource {
  const first = environment.EXPRESSPLAY_CUSTOMER_AUTHENTICATOR;
  const second = environment.EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT;
  return {
    current: () => ({ first: first.current, second: second.current }),
    refresh: () => ({ first: first.refresh(), second: second.refresh() }),
  };
}

/** Closes the connections after the requests in flight have been answered. */
@Injectable()
export class ExpressPlayShutdown implements OnApplicationShutdown {
  constructor(private readonly client: ExpressPlayClient) {}

  onApplicationShutdown(): Promise<void> {
    return this.client.close();
  }
}
