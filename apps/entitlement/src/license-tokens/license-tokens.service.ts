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
import { Stages } from '../stages/stages.js';
import { annotateDecision, type TracedDecision } from '../tracing/decision-attributes.js';
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
import { rightsOf, tokenLifeSeconds, type Rights } from './rights.js';
import { SingleFlight } from './single-flight.js';
import { spendingLimits } from './spending-limits.js';
import { TokenEvents } from './token-events.js';
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

/** What the log says of a decision. */
interface DecisionFacts extends Pick<TracedDecision, 'decision' | 'reason' | 'expressPlayCode'> {
  rightsType?: Rights['type'];
  firstPlay?: boolean;
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
    private readonly stages: Stages,
    private readonly events: TokenEvents,
  ) {
    this.limits = spendingLimits(environment);
  }

  /**
   * Buys a token for a player who is entitled to one. Identical requests of a user that are under way in this process at
   * the same time are one: they share the token and its row in the ledger. Every decision is in the ledger before this returns or throws.
   * @throws UnknownContentError, NotEntitledError, TokenLimitError, DrmNotAvailableError, KeyUnavailableError, UpstreamError,
   *   DatabaseUnavailableError; the player has no token then. No rental's clock has been started, unless the database failed
   */
  async issue(order: LicenseTokenOrder): Promise<LicenseToken> {
    const { userId, contentId, drm, offline } = order;
    const key = JSON.stringify([userId, contentId, drm, offline]);
    const buy = () => this.keys.lend((lookup) => this.decideAndBuy(order, lookup));
    const { outcome, shared } = await this.flights.run(key, buy);
    if (shared) {
      this.logger.assign({ issuanceId: outcome.id, shared });
      annotateDecision({ id: outcome.id, drm, decision: 'granted', shared });
      this.events.report({ kind: 'shared', drm });
    }
    return outcome;
  }

  private async decideAndBuy(order: LicenseTokenOrder, lookup: KeyLookup): Promise<LicenseToken> {
    const base: IssuanceBase = { id: newIssuanceId(), ...order, decidedAt: this.clock.now() };
    const decided = await this.stages.run('decision', () => this.decide(base));
    if (decided === undefined) throw new UnknownContentError();

    const { content, entitlement, limitedUntil } = decided;
    if (!entitlement.entitled) {
      await this.refuse(base, { decision: 'denied', reason: entitlement.reason });
      throw new NotEntitledError(entitlement.reason);
    }
    if (limitedUntil !== null) {
      await this.refuse(base, { decision: 'denied', reason: 'rate-limited', purchase: entitlement.purchase });
      throw new TokenLimitError((limitedUntil.getTime() - base.decidedAt.getTime()) / 1000);
    }

    const { purchase } = entitlement;
    const { offlineAllowed } = content.outputPolicy;
    const rule = this.environment.RENTAL_END_RULE;
    const rights = rightsOf(purchase, base.decidedAt, rule, { drm: order.drm, offline: order.offline, offlineAllowed });
    const expiresInSeconds = tokenLifeSeconds(rights, this.environment.TOKEN_TTL_SECONDS);
    const request = await this.prepare(base, content, purchase, rights, expiresInSeconds, lookup);
    const issued = await this.buy(base, purchase, rights, request);

    const tokenExpiresAt = new Date(base.decidedAt.getTime() + expiresInSeconds * 1000);
    const durationMs = this.elapsed(base);
    const firstPlay = await this.record(base, () =>
      this.ledger.recordGranted({ ...base, purchase, rights, tokenExpiresAt, durationMs }),
    );
    this.tell(base, { decision: 'granted', rightsType: rights.type, firstPlay });
    this.events.report({ kind: 'granted', drm: base.drm, rights: rights.type, firstPlay });
    return licenseToken({ ...base, issued, tokenExpiresAt, rights });
  }

  /** @returns undefined when there is no such title */
  private async decide({ id, userId, contentId, decidedAt }: IssuanceBase) {
    const reservation = this.limits && { issuanceId: id, at: decidedAt, limits: this.limits };
    const facts = await this.entitlements.find(userId, contentId, reservation);
    if (facts === undefined) return undefined;
    const { content, purchases, limitedUntil } = facts;
    const entitlement = decideEntitlement(content, purchases, decidedAt, this.environment.RENTAL_END_RULE);
    return { content, entitlement, limitedUntil };
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
      return await this.stages.run('upstream', () => this.expressPlay.requestToken(request));
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
    const durationMs = this.elapsed(base);
    await this.record(base, () => this.ledger.recordRefused({ ...base, ...outcome, durationMs }));
    const { decision, reason, expressPlayCode } = outcome;
    this.tell(base, { decision, reason, expressPlayCode });
    this.events.report({ kind: 'refused', drm: base.drm, decision, reason });
  }

  /** Writes the ledger. What could not be written down is found at ExpressPlay by the cookie that the log and the trace have. */
  private async record<T>(base: IssuanceBase, write: () => Promise<T>): Promise<T> {
    try {
      return await this.stages.run('ledger', write);
    } catch (error) {
      this.tell(base, {});
      throw error;
    }
  }

  /** Adds to the request's line in the log and to its trace, which the ledger's row is found by. */
  private tell({ id, contentId, drm, offline }: IssuanceBase, facts: DecisionFacts): void {
    this.logger.assign({ issuanceId: id, contentId, drm, offline, ...facts });
    annotateDecision({ id, drm, ...facts });
  }

  private elapsed({ decidedAt }: IssuanceBase): number {
    return Math.max(0, this.clock.now().getTime() - decidedAt.getTime());
  }
}
