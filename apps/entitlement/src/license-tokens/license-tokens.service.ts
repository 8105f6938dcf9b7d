// The main job: decide, ask ExpressPlay, write the ledger, answer.
import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { Clock } from '@app/clock';
import { ExpressPlayClient, ExpressPlayError, type IssuedToken, type TokenRequest } from '@app/expressplay';
import { UnknownContentError } from '../catalog/catalog.errors.js';
import type { Content } from '../catalog/content.js';
import type { Drm } from '../catalog/drm.js';
import { EntitlementRepository, type SpendingLimits } from '../entitlements/entitlement.repository.js';
import { decideEntitlement } from '../entitlements/entitlement.rules.js';
import { Environment } from '../environment.js';
import type { Purchase } from '../purchases/purchase.js';
import { ContentKeySources, type KeyLookup } from './content-key.source.js';
import { newIssuanceId, type IssuanceBase, type RefusedIssuance } from './ledger/issuance.js';
import { IssuanceRepository } from './ledger/issuance.repository.js';
import { licenseToken, type LicenseToken } from './license-token.js';
import {
  DrmNotAvailableError,
  KeyUnavailableError,
  NotEntitledError,
  TokenLimitError,
} from './license-tokens.errors.js';
import { rightsOf, type Rights } from './rights.js';
import { SingleFlight } from './single-flight.js';
import { spendingLimits } from './spending-limits.js';
import { tokenRequest } from './token-request.factory.js';
import { eventCodeOf, UpstreamError, upstreamFailure } from './upstream-problems.js';

/** A player's request, with who is asking. */
export interface LicenseTokenOrder {
  userId: string;
  contentId: string;
  drm: Drm;
  offline: boolean;
  requestId: string;
}

@Injectable()
export class LicenseTokensService {
  private readonly flights = new SingleFlight<LicenseToken>();
  private readonly limits: SpendingLimits | undefined;

  constructor(
    private readonly environment: Environment,
    private readonly clock: Clock,
    private readonly entitlements: EntitlementRepository,
    private readonly keys: ContentKeySources,
    private readonly expressPlay: ExpressPlayClient,
    private readonly ledger: IssuanceRepository,
    private readonly logger: PinoLogger,
  ) {
    this.limits = spendingLimits(environment);
  }

  /**
   * Buys a token for a player who is entitled to one. Identical requests of a user that are under way in this process at
   * the same time are one: they share the token and its row in the ledger. Every decision is in the ledger before this returns or throws.
   * @throws UnknownContentError, NotEntitledError, TokenLimitError, DrmNotAvailableError, KeyUnavailableError, UpstreamError,
   *   DatabaseUnavailableError; the player has no token then, and a rental's clock has not been started
   */
  async issue(order: LicenseTokenOrder): Promise<LicenseToken> {
    const { userId, contentId, drm, offline } = order;
    const key = JSON.stringify([userId, contentId, drm, offline]);
    const buy = () => this.keys.lend((lookup) => this.decideAndBuy(order, lookup));
    const { outcome, shared } = await this.flights.run(key, buy);
    if (shared) this.logger.assign({ issuanceId: outcome.id, shared });
    return outcome;
  }

  private async decideAndBuy(order: LicenseTokenOrder, lookup: KeyLookup): Promise<LicenseToken> {
    const base: IssuanceBase = { id: newIssuanceId(), ...order, decidedAt: this.clock.now() };
    const reservation = this.limits && { issuanceId: base.id, at: base.decidedAt, limits: this.limits };
    const facts = await this.entitlements.find(order.userId, order.contentId, reservation);
    if (facts === undefined) throw new UnknownContentError();

    const { content, purchases } = facts;
    const rule = this.environment.RENTAL_END_RULE;
    const entitlement = decideEntitlement(content, purchases, base.decidedAt, rule);
    if (!entitlement.entitled) {
      await this.refuse(base, { decision: 'denied', reason: entitlement.reason });
      throw new NotEntitledError(entitlement.reason);
    }
    if (facts.limitedUntil !== null) {
      await this.refuse(base, { decision: 'denied', reason: 'rate-limited', purchase: entitlement.purchase });
      throw new TokenLimitError((facts.limitedUntil.getTime() - base.decidedAt.getTime()) / 1000);
    }

    const { purchase } = entitlement;
    const { offlineAllowed } = content.outputPolicy;
    const rights = rightsOf(purchase, base.decidedAt, rule, { drm: order.drm, offline: order.offline, offlineAllowed });
    const expiresInSeconds = this.tokenLife(rights);
    const request = await this.prepare(base, content, purchase, rights, expiresInSeconds, lookup);
    const issued = await this.buy(base, purchase, rights, request);

    const tokenExpiresAt = new Date(base.decidedAt.getTime() + expiresInSeconds * 1000);
    const durationMs = this.elapsed(base);
    const firstPlay = await this.ledger.recordGranted({ ...base, purchase, rights, tokenExpiresAt, durationMs });
    this.tell(base, { decision: 'granted', rightsType: rights.type, firstPlay });
    return licenseToken({ ...base, issued, tokenExpiresAt, rights });
  }

  /** A token must not be redeemable after the rental it is for. */
  private tokenLife(rights: Rights): number {
    return Math.min(this.environment.TOKEN_TTL_SECONDS, rights.playDurationSeconds ?? Infinity);
  }

  private async prepare(
    base: IssuanceBase,
    content: Content,
    purchase: Purchase,
    rights: Rights,
    expiresInSeconds: number,
    lookup: KeyLookup,
  ): Promise<TokenRequest> {
    try {
      if (content.key === null) throw new DrmNotAvailableError();
      const key = lookup(content.key);
      return tokenRequest({ drm: base.drm, content, key, rights, expiresInSeconds, cookie: base.id });
    } catch (error) {
      if (error instanceof DrmNotAvailableError) {
        await this.refuse(base, { decision: 'denied', reason: 'drm-not-available', purchase, rights });
      } else if (error instanceof KeyUnavailableError) {
        await this.refuse(base, { decision: 'failed', reason: 'key-unavailable', purchase, rights });
      }
      throw error;
    }
  }

  private async buy(
    base: IssuanceBase,
    purchase: Purchase,
    rights: Rights,
    request: TokenRequest,
  ): Promise<IssuedToken> {
    try {
      return await this.expressPlay.requestToken(request);
    } catch (error) {
      if (!(error instanceof ExpressPlayError)) throw error;
      const failure = upstreamFailure(error);
      const { reason } = failure;
      const expressPlayCode = eventCodeOf(error);
      await this.refuse(base, { decision: 'failed', reason, purchase, rights, expressPlayCode });
      throw new UpstreamError(failure, error);
    }
  }

  private async refuse(
    base: IssuanceBase,
    outcome: Omit<RefusedIssuance, keyof IssuanceBase | 'durationMs'>,
  ): Promise<void> {
    await this.ledger.recordRefused({ ...base, ...outcome, durationMs: this.elapsed(base) });
    const { decision, reason, expressPlayCode } = outcome;
    this.tell(base, { decision, reason, expressPlayCode });
  }

  /** Adds to the request's line in the log, which the ledger's row is found by. */
  private tell({ id, contentId, drm, offline }: IssuanceBase, decision: Record<string, unknown>): void {
    this.logger.assign({ issuanceId: id, contentId, drm, offline, ...decision });
  }

  private elapsed({ decidedAt }: IssuanceBase): number {
    return Math.max(0, this.clock.now().getTime() - decidedAt.getTime());
  }
}
