// The main job: decide, ask ExpressPlay, write the ledger, answer.
import { Injectable } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { ExpressPlayClient, ExpressPlayError, type IssuedToken, type TokenRequest } from '@app/expressplay';
import { UnknownContentError } from '../catalog/catalog.errors.js';
import type { Content } from '../catalog/content.js';
import type { Drm } from '../catalog/drm.js';
import type { Entitlement } from '../entitlements/entitlement.js';
import {
  EntitlementRepository,
  type SpendingLimits,
  type TokenReservation,
} from '../entitlements/entitlement.repository.js';
import { decideEntitlement, endedBecause, isLive } from '../entitlements/entitlement.rules.js';
import { Environment } from '../environment.js';
import { SPARE_MS } from '../deadlines.js';
import { Stages } from '../observability/stages.js';
import { ContentKeySources, type KeyLookup } from './content-key.source.js';
import { DecisionRecorder, type Sale } from './decision-recorder.js';
import { newIssuanceId, type IssuanceBase } from '../ledger/issuance.js';
import { licenseToken } from './license-token.js';
import type { LicenseToken } from './license-tokens.dto.js';
import {
  DrmNotAvailableError,
  KeyUnavailableError,
  NotEntitledError,
  TokenLimitError,
  TryAgainError,
} from './license-tokens.errors.js';
import { tokenTerms } from './rights.js';
import { SingleFlight } from './single-flight.js';
import { spendingLimits } from './spending-limits.js';
import { tokenRequest } from './token-request.factory.js';
import { eventCodeOf, inTime, UpstreamError, upstreamFailure } from './upstream-problems.js';

/** A player's request, with who is asking. */
export interface LicenseTokenOrder {
  userId: string;
  contentId: string;
  drm: Drm;
  offline: boolean;
  requestId: string;
}

/** What was decided, and on which facts: two requests that come to the same of it are served alike. */
interface Basis {
  content: Content;
  entitlement: Entitlement;
}

@Injectable()
export class LicenseTokensService {
  private readonly flights = new SingleFlight<LicenseToken, Basis>();
  private readonly limits: SpendingLimits | undefined;

  constructor(
    private readonly environment: Environment,
    private readonly clock: Clock,
    private readonly entitlements: EntitlementRepository,
    private readonly keys: ContentKeySources,
    private readonly expressPlay: ExpressPlayClient,
    private readonly recorder: DecisionRecorder,
    private readonly stages: Stages,
  ) {
    this.limits = spendingLimits(environment);
  }

  /**
   * Buys a token for a player who is entitled to one. Identical requests of a user that are under way in this process at
   * the same time are one, as long as they are decided alike: they share the token and its row in the ledger. Every decision
   * is in the ledger before this returns or throws.
   * @throws UnknownContentError, NotEntitledError, TokenLimitError, DrmNotAvailableError, KeyUnavailableError, UpstreamError,
   *   TryAgainError, DatabaseUnavailableError; the player has no token then. No rental's clock has been started, unless the database failed
   */
  async issue(order: LicenseTokenOrder): Promise<LicenseToken> {
    const { userId, contentId, drm, offline } = order;
    const key = JSON.stringify([userId, contentId, drm, offline]);
    const { outcome, shared } = await this.flights.run(
      key,
      async () => (await this.decide(order, this.clock.now()))?.basis,
      (decided) => this.keys.lend((lookup) => this.decideAndBuy(order, lookup, decided)),
    );
    if (shared) this.recorder.shared(outcome.id, drm);
    return outcome;
  }

  private async decideAndBuy(
    order: LicenseTokenOrder,
    lookup: KeyLookup,
    decided: (basis: Basis) => void,
  ): Promise<LicenseToken> {
    const begun = performance.now();
    const attempt = () => this.attempt(order, lookup, decided);
    let token = await attempt();
    // A purchase that was changed while its token was bought is decided on once more, if the player still waits then.
    if (token === undefined && performance.now() - begun < SPARE_MS) token = await attempt();
    if (token !== undefined) return token;
    throw new TryAgainError('The purchase was changed while its token was being bought; ask again.');
  }

  /** @returns undefined when the purchase was changed meanwhile, and the token thrown away */
  private async attempt(
    order: LicenseTokenOrder,
    lookup: KeyLookup,
    decided: (basis: Basis) => void,
  ): Promise<LicenseToken | undefined> {
    const base: IssuanceBase = { id: newIssuanceId(), ...order, decidedAt: this.clock.now() };
    const reservation = this.limits && { issuanceId: base.id, at: base.decidedAt, limits: this.limits };
    const decision = await this.decide(order, base.decidedAt, reservation);
    if (decision === undefined) throw new UnknownContentError();

    const { basis, limitedUntil } = decision;
    const { content, entitlement } = basis;
    decided(basis);
    if (!entitlement.entitled) {
      await this.recorder.refused(base, { decision: 'denied', reason: entitlement.reason });
      throw new NotEntitledError(entitlement.reason);
    }
    const { purchase } = entitlement;
    if (limitedUntil !== null) {
      await this.recorder.refused(base, { decision: 'denied', reason: 'rate-limited', purchase });
      throw new TokenLimitError((limitedUntil.getTime() - base.decidedAt.getTime()) / 1000);
    }

    const { offlineAllowed } = content.outputPolicy;
    const terms = tokenTerms(purchase, base.decidedAt, this.environment, { ...order, offlineAllowed });
    const sale = { purchase, ...terms };
    const { rights } = sale;
    if (this.recorder.isFailing(purchase)) {
      await this.recorder.refused(base, { decision: 'failed', reason: 'ledger-unavailable', purchase, rights });
      throw new TryAgainError('No token is bought until it can be written down; ask again.');
    }
    const request = await this.prepare(base, content, sale, lookup);
    const issued = await this.buy(base, sale, request);

    return (await this.recorder.granted(base, sale)) ? licenseToken({ ...base, ...terms, issued }) : undefined;
  }

  /** @returns undefined when there is no such title */
  private decide({ userId, contentId }: LicenseTokenOrder, at: Date, reservation?: TokenReservation) {
    return this.stages.run('decision', async () => {
      const facts = await this.entitlements.find(userId, contentId, reservation);
      if (facts === undefined) return undefined;
      const { content, purchases, limitedUntil } = facts;
      const entitlement = decideEntitlement(content, purchases, at, this.environment.RENTAL_END_RULE);
      return { basis: { content, entitlement }, limitedUntil };
    });
  }

  private async prepare(base: IssuanceBase, content: Content, sale: Sale, lookup: KeyLookup): Promise<TokenRequest> {
    const { purchase, rights } = sale;
    try {
      if (content.key === null) throw new DrmNotAvailableError();
      const key = lookup(content.key);
      return tokenRequest({ drm: base.drm, content, key, ...sale, cookie: base.id });
    } catch (error) {
      if (error instanceof DrmNotAvailableError) {
        await this.recorder.refused(base, { decision: 'denied', reason: 'drm-not-available', purchase, rights });
      } else if (error instanceof KeyUnavailableError) {
        await this.recorder.refused(base, { decision: 'failed', reason: 'key-unavailable', purchase, rights });
      }
      throw error;
    }
  }

  private async buy(base: IssuanceBase, sale: Sale, request: TokenRequest): Promise<IssuedToken> {
    const { purchase, rights, tokenExpiresAt } = sale;
    try {
      const answer = this.stages.run('upstream', () => this.expressPlay.requestToken(request));
      return await inTime(answer, () => this.clock.now() < tokenExpiresAt);
    } catch (error) {
      if (!(error instanceof ExpressPlayError)) throw error;
      const rule = this.environment.RENTAL_END_RULE;
      if (!isLive(purchase, this.clock.now(), rule)) {
        const reason = endedBecause(purchase, rule);
        await this.recorder.refused(base, { decision: 'denied', reason, purchase, rights });
        throw new NotEntitledError(reason);
      }
      const failure = upstreamFailure(error);
      const { reason } = failure;
      const expressPlayCode = eventCodeOf(error);
      await this.recorder.refused(base, { decision: 'failed', reason, purchase, rights, expressPlayCode });
      throw new UpstreamError(failure, error);
    }
  }
}
