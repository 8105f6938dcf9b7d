// The licence servers, which players reach with the token in the query: they redeem tokens for licences.
import type { TokenService } from '@app/expressplay';
import { Clock } from '@app/platform/clock';
import { All, Controller, Header, Injectable, Param, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccountService } from '../accounts/accounts.js';
import { EventRecords } from '../event-records/event-records.js';
import { Metrics, RedemptionLog } from '../inspection/records.js';
import { EventError, wrongUrl } from '../protocol/errors.js';
import { ProtocolErrorFilter } from '../protocol/protocol.js';
import { challengeOf, licenseTokenOf } from '../protocol/reading.js';
import { TOKEN_SERVICES } from '../token-services/token-issuer.js';
import { type LicenseTerms, type SealedToken, TokenSealer } from '../tokens/token.js';
import { clearKeyLicense, readClearKeyRequest } from './clear-key.js';

@Injectable()
export class RedemptionService {
  constructor(
    private readonly clock: Clock,
    private readonly sealer: TokenSealer,
    private readonly accounts: AccountService,
    private readonly redemptions: RedemptionLog,
    private readonly metrics: Metrics,
    private readonly records: EventRecords,
  ) {}

  /**
   * Redeems a token at the licence server of a service and counts it. ClearKey gets its licence; for other challenges the answer
   * says in JSON what a real server would grant to a device.
   *
   * @param token undefined when the request names none
   * @param challenge what the DRM asks for
   * @param device whatever tells the device apart from others
   * @throws EventError -4010 for a missing, forged or expired token, one whose rental is over, or one of another service (-6002 at
   *   FairPlay's); -4022, -5003 as `readClearKeyRequest` and `clearKeyLicense`; -2019 where tokens are charged for when they are
   *   redeemed, and none is left
   */
  redeem(service: TokenService, token: string | undefined, challenge = '', device = '') {
    return this.#counted(service, () => {
      const now = this.clock.now();
      const opened = this.#check(service, token, now);
      const kids = readClearKeyRequest(challenge);
      const license = kids && clearKeyLicense(kids, this.sealer.keysOf(opened.token));
      const { account, terms, issuedAt, expiresAt, cookie } = opened.contents;
      this.accounts.redeem(account, opened.token);
      this.redemptions.add(service, cookie, now);
      this.records.add(account, { service, cookie }, device);
      this.metrics.redeemed.inc({ service });
      const granted = { service, issuedAt: now.toISOString(), expiresAt: endOf(terms, now) };
      return license ?? { ...granted, ...terms, token: { issuedAt, expiresAt, cookie } };
    });
  }

  /** Checks a token without redeeming it. @throws EventError as `redeem` */
  check(service: TokenService, token: string | undefined): void {
    this.#counted(service, () => this.#check(service, token, this.clock.now()));
  }

  #counted<T>(service: TokenService, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof EventError) this.metrics.redemptionsRefused.inc({ service, code: error.code });
      throw error;
    }
  }

  #check(service: TokenService, token: string | undefined, now: Date): { token: string; contents: SealedToken } {
    if (token === undefined || token === '') throw new EventError(-4010, 'no ExpressPlayToken is given');
    const opened = this.sealer.open(token);
    if (opened === undefined) throw new EventError(-4010, 'not a token of this emulator');
    if (opened.service !== service) {
      throw service === 'fairplay' ? new EventError(-6002) : new EventError(-4010, `it is for ${opened.service}`);
    }
    if (now.getTime() >= Date.parse(opened.expiresAt)) {
      throw new EventError(-4010, `it expired at ${opened.expiresAt}`);
    }
    const { rentalEndsAt } = opened.terms;
    if (rentalEndsAt !== null && now.getTime() >= Date.parse(rentalEndsAt)) {
      throw new EventError(-4010, `its rental ended at ${rentalEndsAt}`);
    }
    return { token, contents: opened };
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

/** What Widevine's client asks for first where its player has no certificate of the licence server: a message of type 4, and nothing else. */
const CERTIFICATE_REQUEST = '\u0008\u0004';

/** Type 5, a certificate, of which there is none here. */
const CERTIFICATE = Buffer.from([8, 5]);

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
    const { service } = definition;
    const [token, challenge] = [licenseTokenOf(request), challengeOf(request)];
    if (service !== 'widevine' || challenge !== CERTIFICATE_REQUEST) {
      return this.redemption.redeem(service, token, challenge, `${request.ip} ${request.headers['user-agent'] ?? ''}`);
    }
    // The challenge comes next, with the same token.
    this.redemption.check(service, token);
    return CERTIFICATE;
  }
}
