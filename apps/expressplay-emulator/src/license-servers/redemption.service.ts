// Redeems tokens for licences.
import { Clock } from '@app/platform/clock';
import type { TokenService } from '@app/expressplay';
import { Injectable } from '@nestjs/common';
import { Metrics } from '../inspection/metrics.js';
import { RedemptionLog } from '../inspection/redemption-log.js';
import { EventError } from '../protocol/event-error.js';
import { hasExpired, type SealedToken } from '../tokens/sealed-token.js';
import { ForgedTokenError, TokenSealer } from '../tokens/token-sealer.js';
import { grantLicense, type License } from './license.js';

@Injectable()
export class RedemptionService {
  constructor(
    private readonly clock: Clock,
    private readonly sealer: TokenSealer,
    private readonly redemptions: RedemptionLog,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Redeems a token at the licence server of a service, and counts it.
   *
   * @param token undefined when the request names none
   * @throws EventError -4010 for a missing, forged or expired token, or one of another service (-6002 at FairPlay's)
   */
  redeem(service: TokenService, token: string | undefined): License {
    const now = this.clock.now();
    try {
      const opened = this.#check(service, token, now);
      this.redemptions.add(service, opened.cookie, now);
      this.metrics.redeemed(service);
      return grantLicense(opened, now);
    } catch (error) {
      if (error instanceof EventError) this.metrics.redemptionRefused(service, error.code);
      throw error;
    }
  }

  #check(service: TokenService, token: string | undefined, now: Date): SealedToken {
    if (token === undefined || token === '') throw new EventError(-4010, 'no ExpressPlayToken is given');
    const opened = this.#open(token);
    if (opened.service !== service) {
      throw service === 'fairplay' ? new EventError(-6002) : new EventError(-4010, `it is for ${opened.service}`);
    }
    if (hasExpired(opened, now)) throw new EventError(-4010, `it expired at ${opened.expiresAt}`);
    return opened;
  }

  #open(token: string): SealedToken {
    try {
      return this.sealer.open(token);
    } catch (error) {
      if (error instanceof ForgedTokenError) throw new EventError(-4010, error.message);
      throw error;
    }
  }
}
