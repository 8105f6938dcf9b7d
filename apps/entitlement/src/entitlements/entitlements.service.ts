// May a user play a title: asked for a token, and by viewers who want to know before playing, which starts no clock and leaves no trace.
import { Injectable } from '@nestjs/common';
import { type Budget, Clock } from '@app/platform/clock';
import { UnknownContentError } from '../catalog/content.js';
import { longestPurchaseMs } from '../deadlines.js';
import { Environment } from '../environment.js';
import { Stages } from '../observability/stages.js';
import { decideEntitlement, type Entitlement } from './entitlement.rules.js';
import { type EntitlementAnswer, entitlementAnswer, type PlayableTitle } from './entitlements.dto.js';
import type { EntitlementFacts, SpendingLimits } from './decision.query.js';
import { EntitlementsRepository } from './entitlements.repository.js';

/** What was decided, and on which facts. */
export interface Decision extends Omit<EntitlementFacts, 'purchases'> {
  entitlement: Entitlement;
}

/** A page of the list, in the order of the content ids. */
export interface PlayableTitles {
  titles: PlayableTitle[];
  /** Content id to go on after; null when there are no more. */
  continueAfter: string | null;
}

// Candidates that turn out not to entitle are rare; should a user have thousands, a page ends early instead of the
// request going on and on.
const MOST_READS = 3;
const FURTHER_CANDIDATES = 1000;

/** How long a granted token counts. */
const WINDOW_SECONDS = 3600;
// The largest number the database takes; nobody meets it.
const UNLIMITED = 2_147_483_647;

/** The limits on token spending; undefined when neither is set, so that nothing needs to be reserved. */
export function spendingLimits(environment: Environment): SpendingLimits | undefined {
  const { TOKEN_LIMIT_PER_USER: perUser, TOKEN_LIMIT_PER_TITLE: perTitle } = environment;
  if (perUser === 0 && perTitle === 0) return undefined;
  return {
    windowSeconds: WINDOW_SECONDS,
    perUser: perUser === 0 ? UNLIMITED : perUser,
    perTitle: perTitle === 0 ? UNLIMITED : perTitle,
    reservationSeconds: Math.ceil(longestPurchaseMs(environment) / 1000),
  };
}

@Injectable()
export class EntitlementsService {
  constructor(
    private readonly environment: Environment,
    private readonly clock: Clock,
    private readonly repository: EntitlementsRepository,
    private readonly stages: Stages,
  ) {}

  /** @returns undefined when there is no such title. @throws DatabaseUnavailableError, AbandonedError */
  decide(userId: string, contentId: string, at: Date, budget: Budget): Promise<Decision | undefined> {
    return this.stages.run('decision', async () =>
      this.#decision(await this.repository.find(userId, contentId, budget), at),
    );
  }

  /**
   * Decides, and where spending is limited reserves a token if the user has any purchase of the title that stands: so the limit
   * holds for all replicas together.
   * @param issuanceId what the token is to be in the ledger
   * @throws as `decide`
   */
  decideAndReserve(
    issuanceId: string,
    { userId, contentId }: { userId: string; contentId: string },
    at: Date,
    budget: Budget,
  ): Promise<Decision | undefined> {
    const limits = spendingLimits(this.environment);
    if (limits === undefined) return this.decide(userId, contentId, at, budget);
    return this.stages.run('decision', async () =>
      this.#decision(await this.repository.findAndReserve(userId, contentId, { issuanceId, at, limits }, budget), at),
    );
  }

  /** @throws UnknownContentError, DatabaseUnavailableError, AbandonedError */
  async find(userId: string, contentId: string, budget: Budget): Promise<EntitlementAnswer> {
    const facts = await this.stages.run('decision', () => this.repository.find(userId, contentId, budget));
    // After the wait for the database, during which a rental may have ended.
    const at = this.clock.now();
    const decision = this.#decision(facts, at);
    if (decision === undefined) throw new UnknownContentError();
    return entitlementAnswer(contentId, decision.entitlement, at, this.environment.RENTAL_END_RULE);
  }

  /**
   * @param limit most titles of the page; it may have fewer and not be the last
   * @param after content id that the titles come after
   * @throws DatabaseUnavailableError, AbandonedError
   */
  async list(userId: string, limit: number, after: string | undefined, budget: Budget): Promise<PlayableTitles> {
    const at = this.clock.now();
    const rule = this.environment.RENTAL_END_RULE;
    const titles: PlayableTitle[] = [];
    let examined = after;
    for (let read = 1; read <= MOST_READS; read += 1) {
      // One more than the page takes shows whether another page follows.
      const wanted = read === 1 ? limit + 1 : FURTHER_CANDIDATES;
      const asked = { userId, at, after: examined, limit: wanted };
      const candidates = await this.repository.findCandidates(asked, budget);
      for (const candidate of candidates) {
        const { contentId, title, purchases } = candidate;
        const answer = entitlementAnswer(contentId, decideEntitlement(candidate, purchases, at, rule), at, rule);
        if (answer.entitled && titles.length === limit) {
          return { titles, continueAfter: titles.at(-1)?.contentId ?? null };
        }
        if (answer.entitled) titles.push({ contentId, title, entitled: answer.entitled, rights: answer.rights });
        examined = contentId;
      }
      if (candidates.length < wanted) return { titles, continueAfter: null };
    }
    return { titles, continueAfter: examined ?? null };
  }

  #decision(facts: EntitlementFacts | undefined, at: Date): Decision | undefined {
    if (facts === undefined) return undefined;
    const { content, purchases, limitedUntil } = facts;
    const entitlement = decideEntitlement(content, purchases, at, this.environment.RENTAL_END_RULE);
    return { content, entitlement, limitedUntil };
  }
}
