// The main job: decide, ask ExpressPlay, write the ledger, answer.
import { Injectable } from '@nestjs/common';
import { AbandonedError, type Budget, Clock } from '@app/platform/clock';
import { ExpressPlayError, type IssuedToken } from '@app/expressplay';
import { type Content, type Drm, UnknownContentError } from '../catalog/content.js';
import { endedBecause, isLive, type Entitlement } from '../entitlements/entitlement.rules.js';
import { EntitlementsService, type Decision } from '../entitlements/entitlements.service.js';
import { ledgerMs, longestPurchaseMs } from '../deadlines.js';
import { Environment } from '../environment.js';
import { connectTimeoutMs } from '../environment/expressplay.js';
import { newIssuanceId, type Sale } from '../ledger/issuance.js';
import { type DecidedRequest, Recorder } from '../observability/recorder.js';
import type { Purchase } from '../purchases/purchase.js';
import { ContentKeys, type BorrowedKeys } from './content-keys.js';
import { ExpressPlay } from './expressplay.js';
import { type GrantedKey, grantedKeys, type KeyChoice } from './granted-keys.js';
import { type LicenseToken, licenseToken } from './license-tokens.dto.js';
import {
  NotEntitledError,
  noTermsError,
  TokenLimitError,
  TokenRefusedError,
  TryAgainError,
  UpstreamError,
} from './license-tokens.errors.js';
import { refusalOfTerms, type TokenTerms, tokenTerms } from './rights.js';
import { SingleFlight } from './single-flight.js';
import { tokenRequest } from './token-request.js';

/** A player's request, with who is asking. */
export interface LicenseTokenOrder {
  userId: string;
  contentId: string;
  drm: Drm;
  offline: boolean;
  /** The key that a FairPlay player asks for, 32 lowercase hex digits, where the title has several. */
  kid?: string | undefined;
  requestId: string;
  /** What the request's line in the log says, to be added to. */
  facts: DecidedRequest['facts'];
  /** How long the answer may take, and whether anybody waits for it. */
  budget: Budget;
}

/** What was decided, and on which facts: two requests that come to the same of it are served alike. */
interface Basis {
  content: Content;
  entitlement: Entitlement;
}

@Injectable()
export class LicenseTokensService {
  readonly #flights = new SingleFlight<LicenseToken, Basis>((wait) => this.expressPlay.waitWithOthers(wait));

  constructor(
    private readonly environment: Environment,
    private readonly clock: Clock,
    private readonly entitlements: EntitlementsService,
    private readonly keys: ContentKeys,
    private readonly expressPlay: ExpressPlay,
    private readonly recorder: Recorder,
  ) {}

  /**
   * Buys a token for a player who is entitled to one. Identical requests of a user that are under way in this process at
   * the same time are one, as long as they are decided alike: they share the token and its row in the ledger. Every decision
   * is in the ledger before this returns or throws. When nobody waits for the answer any more, nothing is begun that can be left
   * undone: what has been asked of ExpressPlay is waited for and written down all the same.
   * @throws UnknownContentError, TokenRefusedError, DatabaseUnavailableError, AbandonedError; the player has no token then. No
   *   rental's clock has been started, unless the database failed
   */
  async issue(order: LicenseTokenOrder): Promise<LicenseToken> {
    const { userId, contentId, drm, offline, kid, budget } = order;
    const { outcome, shared } = await this.#flights.run(
      JSON.stringify([userId, contentId, drm, offline, kid]),
      budget,
      async () => basisOf(await this.entitlements.decide(userId, contentId, this.clock.now(), budget)),
      (decided, all) => this.#decideAndBuy({ ...order, budget: all }, decided),
    );
    if (shared) this.recorder.shared(order, outcome.id);
    return outcome;
  }

  async #decideAndBuy(order: LicenseTokenOrder, decided: (basis: Basis) => void): Promise<LicenseToken> {
    const { budget } = order;
    const keys = this.keys.borrow();
    try {
      return await this.#attempt(order, keys, decided);
    } catch (error) {
      // A purchase that was changed while its token was bought is decided on once more, if there is time for it.
      const isChanged = error instanceof TryAgainError && error.reason === 'purchase-changed';
      if (!isChanged || budget.isAbandoned || budget.leftMs < longestPurchaseMs(this.environment)) throw error;
      return await this.#attempt(order, keys, decided);
    } finally {
      keys.giveBack();
    }
  }

  async #attempt(order: LicenseTokenOrder, keys: BorrowedKeys, decided: (basis: Basis) => void): Promise<LicenseToken> {
    const decidedAt = this.clock.now();
    // A reservation counts no longer.
    const budget = order.budget.part(longestPurchaseMs(this.environment));
    const issuance: DecidedRequest = { id: newIssuanceId(), ...order, decidedAt };
    const decision = await this.entitlements.decideAndReserve(issuance.id, order, decidedAt, budget);
    if (decision === undefined) throw new UnknownContentError();
    const { content, entitlement, limitedUntil } = decision;
    decided({ content, entitlement });

    if (!entitlement.entitled) throw await this.#refused(issuance, new NotEntitledError(entitlement.reason));
    const { purchase, quality } = entitlement;
    if (limitedUntil !== null) {
      const seconds = (limitedUntil.getTime() - decidedAt.getTime()) / 1000;
      throw await this.#refused(issuance, new TokenLimitError(seconds), { purchase });
    }

    const terms = await this.#terms(issuance, content, purchase);
    const sale: Sale = { purchase, ...terms };
    const choice = { drm: order.drm, kid: order.kid, quality };
    const bought = await this.#buy(issuance, content, choice, sale, keys, budget);

    if (await this.recorder.granted(issuance, sale)) return licenseToken({ ...issuance, ...terms, ...bought });
    throw await this.#refused(issuance, new TryAgainError('purchase-changed'), sale);
  }

  async #terms(issuance: DecidedRequest, content: Content, purchase: Purchase): Promise<TokenTerms> {
    const request = { ...issuance, policy: content.outputPolicy };
    const reason = refusalOfTerms(purchase, issuance.decidedAt, this.environment, request);
    if (reason !== undefined) throw await this.#refused(issuance, noTermsError(reason), { purchase });
    return tokenTerms(purchase, issuance.decidedAt, this.environment, request);
  }

  async #buy(
    issuance: DecidedRequest,
    content: Content,
    choice: KeyChoice,
    sale: Sale,
    borrowed: BorrowedKeys,
    budget: Budget,
  ): Promise<{ issued: IssuedToken; keys: GrantedKey[] }> {
    try {
      budget.throwIfAbandoned();
      const keptMs = ledgerMs(this.environment);
      // In less time than a connection may take ExpressPlay could hardly answer.
      const isTooLate = budget.leftMs < keptMs + connectTimeoutMs(this.environment);
      if (isTooLate || this.recorder.isLedgerFailing(sale.purchase)) throw new TryAgainError('ledger-unavailable');
      const keys = grantedKeys(content, choice);
      const sources = borrowed.sourcesOf(keys.map(({ key }) => key));
      const sourced = keys.map((key, index) => ({ ...key, source: sources[index]! }));
      const request = tokenRequest({ drm: choice.drm, content, keys: sourced, ...sale, cookie: issuance.id });
      const callBudget = budget.part(this.environment.EXPRESSPLAY_TIMEOUT_MS, keptMs);
      return { issued: await this.expressPlay.requestToken(request, callBudget), keys };
    } catch (error) {
      if (error instanceof AbandonedError) {
        const { purchase, rights } = sale;
        await this.recorder.refused(issuance, { reason: 'caller-gone', purchase, rights });
      }
      if (error instanceof ExpressPlayError) {
        throw await this.#refused(issuance, this.#upstreamError(error, sale.purchase), sale);
      }
      if (error instanceof TokenRefusedError) throw await this.#refused(issuance, error, sale);
      throw error;
    }
  }

  /** A rental that has ended while its token was asked for is the reason that none was issued. */
  #upstreamError(error: ExpressPlayError, purchase: Purchase): TokenRefusedError {
    const rule = this.environment.RENTAL_END_RULE;
    if (isLive(purchase, this.clock.now(), rule)) return new UpstreamError(error);
    return new NotEntitledError(endedBecause(purchase, rule));
  }

  /** Records why there is no token. @returns the error, to be thrown */
  async #refused<E extends TokenRefusedError>(
    issuance: DecidedRequest,
    error: E,
    sale: Partial<Sale> = {},
  ): Promise<E> {
    const { purchase, rights } = sale;
    const expressPlayCode = error instanceof UpstreamError ? error.expressPlayCode : undefined;
    await this.recorder.refused(issuance, { reason: error.reason, purchase, rights, expressPlayCode });
    return error;
  }
}

function basisOf(decision: Decision | undefined): Basis | undefined {
  return decision && { content: decision.content, entitlement: decision.entitlement };
}
