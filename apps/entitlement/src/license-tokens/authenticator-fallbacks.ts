// Tells of requests that ExpressPlay refused for their authenticator and that were sent again with another one.
import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import type { AuthenticatorFallback, AuthenticatorRole } from '@app/expressplay';
import { Listeners } from '@app/platform/listeners';

const VARIABLES: Record<AuthenticatorRole, string> = {
  first: 'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR',
  second: 'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT',
};

/** Logs fallbacks and passes them on, for counting them. */
@Injectable()
export class AuthenticatorFallbacks extends Listeners<AuthenticatorFallback> {
  constructor(private readonly logger: PinoLogger) {
    super('authenticator fallbacks');
  }

  override report(fallback: AuthenticatorFallback): void {
    const { rejected, tried, outcome, switched } = fallback;
    const facts = { rejected: VARIABLES[rejected], tried: VARIABLES[tried], outcome };
    this.logger.warn({ authenticatorFallback: facts }, messageOf(fallback));
    if (switched) {
      this.logger.warn(
        `Token requests begin with ${VARIABLES[tried]} until it is refused or the authenticators change`,
      );
    }
    super.report(fallback);
  }
}

function messageOf({ rejected, tried, outcome }: AuthenticatorFallback): string {
  const again = tried === rejected ? `the one that has replaced it` : VARIABLES[tried];
  return `ExpressPlay refused ${VARIABLES[rejected]} (-2018); the request was sent once more with ${again}: ${outcome}`;
}
