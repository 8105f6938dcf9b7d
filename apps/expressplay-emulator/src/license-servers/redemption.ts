// Redeems tokens for licences.
import type { TokenService } from '@app/expressplay';
import { Clock } from '@app/platform/clock';
import { Injectable } from '@nestjs/common';
import { RedemptionLog } from '../inspection/logs.js';
import { Metrics } from '../inspection/metrics.js';
import { EventError } from '../protocol/errors.js';
import { ForgedTokenError, hasExpired, type LicenseTerms, type SealedToken, TokenSealer } from '../tokens/token.js';

/** What a licence server grants for a token, said in JSON where a real one would answer a device. */
export interface License extends LicenseTerms {
  readonly service: TokenService;
  /** When the licence was granted, RFC 3339. */
  readonly issuedAt: string;
  /** When the content stops playing whether play has started or not, RFC 3339; null when it does not. */
  readonly expiresAt: string | null;
  /** The token it was granted for. */
  readonly token: { readonly issuedAt: string; readonly expiresAt: string; readonly cookie: string | null };
}

/** The licence of a token that was opened and has not expired. */
function grantLicense(token: SealedToken, now: Date): License {
  const { service, terms, issuedAt, expiresAt, cookie } = token;
  return {
    service,
    issuedAt: now.toISOString(),
    expiresAt: endOf(terms, now),
    ...terms,
    token: { issuedAt, expiresAt, cookie },
  };
}

/** The earlier of the rental's end and the rental duration from now on. */
function endOf({ rentalEndsAt, rentalDurationSeconds }: LicenseTerms, now: Date): string | null {
  const rentalEnd = rentalEndsAt === null ? Infinity : Date.parse(rentalEndsAt);
  const end = Math.min(rentalEnd, now.getTime() + (rentalDurationSeconds ?? Infinity) * 1000);
  return end === Infinity ? null : new Date(end).toISOString();
}

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
      this.metrics.redeemed.inc({ service });
      return grantLicense(opened, now);
    } catch (error) {
      if (error instanceof EventError) this.metrics.redemptionsRefused.inc({ service, code: error.code });
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
