// The licence servers, which players reach with the token in the query: they redeem tokens for licences.
import type { TokenService } from '@app/expressplay';
import { Clock } from '@app/platform/clock';
import { All, Controller, Header, Injectable, Param, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccountService } from '../accounts/accounts.js';
import { Metrics, RedemptionLog } from '../inspection/records.js';
import { EventError, wrongUrl } from '../protocol/errors.js';
import { ProtocolErrorFilter } from '../protocol/protocol.js';
import { licenseTokenOf } from '../protocol/reading.js';
import { TOKEN_SERVICES } from '../token-services/token-issuer.js';
import { type LicenseTerms, type SealedToken, TokenSealer } from '../tokens/token.js';

@Injectable()
export class RedemptionService {
  constructor(
    private readonly clock: Clock,
    private readonly sealer: TokenSealer,
    private readonly accounts: AccountService,
    private readonly redemptions: RedemptionLog,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Redeems a token at the licence server of a service, counts it, and says in JSON what a real one would grant to a device.
   *
   * @param token undefined when the request names none
   * @throws EventError -4010 for a missing, forged or expired token, or one of another service (-6002 at FairPlay's); -2019 where
   *   tokens are charged for when they are redeemed, and none is left
   */
  redeem(service: TokenService, token: string | undefined) {
    const now = this.clock.now();
    try {
      const { terms, issuedAt, expiresAt, cookie } = this.#check(service, token, now);
      this.redemptions.add(service, cookie, now);
      this.metrics.redeemed.inc({ service });
      const granted = { service, issuedAt: now.toISOString(), expiresAt: endOf(terms, now) };
      return { ...granted, ...terms, token: { issuedAt, expiresAt, cookie } };
    } catch (error) {
      if (error instanceof EventError) this.metrics.redemptionsRefused.inc({ service, code: error.code });
      throw error;
    }
  }

  #check(service: TokenService, token: string | undefined, now: Date): SealedToken {
    if (token === undefined || token === '') throw new EventError(-4010, 'no ExpressPlayToken is given');
    const opened = this.sealer.open(token);
    if (opened === undefined) throw new EventError(-4010, 'not a token of this emulator');
    if (opened.service !== service) {
      throw service === 'fairplay' ? new EventError(-6002) : new EventError(-4010, `it is for ${opened.service}`);
    }
    if (now.getTime() >= Date.parse(opened.expiresAt)) {
      throw new EventError(-4010, `it expired at ${opened.expiresAt}`);
    }
    this.accounts.redeem(opened.account, token);
    return opened;
  }
}

/**
 * When content stops playing, started or not: the earliest of the rental's end, of the rental duration from now on, and of the play
 * duration after a start at the last moment.
 */
function endOf(terms: LicenseTerms, now: Date): string | null {
  const { rentalEndsAt, rentalDurationSeconds, startWithinSeconds, playDurationSeconds } = terms;
  const rentalEnd = rentalEndsAt === null ? Infinity : Date.parse(rentalEndsAt);
  const seconds = [
    rentalDurationSeconds ?? Infinity,
    (startWithinSeconds ?? Infinity) + (playDurationSeconds ?? Infinity),
  ];
  const end = Math.min(rentalEnd, now.getTime() + Math.min(...seconds) * 1000);
  return end === Infinity ? null : new Date(end).toISOString();
}

// Nest takes the slash off the end of a route, but FairPlay's and Widevine's belongs to them: hence the wildcard that must be empty.
@Controller()
@UseFilters(ProtocolErrorFilter)
export class RightsController {
  constructor(private readonly redemption: RedemptionService) {}

  @All(TOKEN_SERVICES.map(({ rightsPath }) => rightsPath.replace(/\/$/, '/*')))
  @Header('cache-control', 'no-store')
  redeem(@Req() request: FastifyRequest, @Param('*') rest = '') {
    const definition = TOKEN_SERVICES.find(({ rightsPath }) => request.url.startsWith(rightsPath));
    if (definition === undefined || rest !== '') throw wrongUrl();
    return this.redemption.redeem(definition.service, licenseTokenOf(request));
  }
}
