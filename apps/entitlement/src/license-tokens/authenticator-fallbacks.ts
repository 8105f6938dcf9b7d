// Tells of requests that ExpressPlay refused for their authenticator and that were sent again with another one.
import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import type { AuthenticatorFallback, AuthenticatorRole, FallbackListener } from '@app/expressplay';

const VARIABLES: Record<AuthenticatorRole, string> = {
  first: 'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR',
  second: 'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT',
};

/** Logs fallbacks and passes them on, for counting them. */
@Injectable()
export class AuthenticatorFallbacks {
  readonly #listeners = new Set<FallbackListener>();

  constructor(private readonly logger: PinoLogger) {}

  /** Calls `listener` with every fallback from now on, until the answer is called. */
  subscribe(listener: FallbackListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** One happened. */
  report(fallback: AuthenticatorFallback): void {
    const { rejected, tried, outcome, switched } = fallback;
    const facts = { rejected: VARIABLES[rejected], tried: VARIABLES[tried], outcome };
    this.logger.warn({ authenticatorFallback: facts }, messageOf(fallback));
    if (switched) {
      this.logger.warn(
        `Token requests begin with ${VARIABLES[tried]} until it is refused or the authenticators change`,
      );
    }
    for (const listener of this.#listeners) this.#tell(listener, fallback);
  }

  /** One listener's failure keeps neither the others from hearing nor the player from the token. */
  #tell(listener: FallbackListener, fallback: AuthenticatorFallback): void {
    try {
      listener(fallback);
    } catch (error) {
      this.logger.error({ err: error }, 'a listener to authenticator fallbacks failed');
    }
  }
}

function messageOf({ rejected, tried, outcome }: AuthenticatorFallback): string {
  const again = tried === rejected ? `the one that has replaced it` : VARIABLES[tried];
  return `ExpressPlay refused ${VARIABLES[rejected]} (-2018); the request was sent once more with ${again}: ${outcome}`;
}
