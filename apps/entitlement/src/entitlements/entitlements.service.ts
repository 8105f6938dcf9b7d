// What a viewer may play now: asked of the same rules as a token, but it starts no clock and leaves no trace.
import { Injectable } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { UnknownContentError } from '../catalog/catalog.errors.js';
import { Environment } from '../environment.js';
import { Stages } from '../observability/stages.js';
import { CandidateTitlesRepository } from './candidate-titles.repository.js';
import { entitlementAnswer } from './entitlement-answer.js';
import { EntitlementRepository } from './entitlement.repository.js';
import { decideEntitlement } from './entitlement.rules.js';
import type { EntitlementAnswer, PlayableTitle } from './entitlements.dto.js';

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

@Injectable()
export class EntitlementsService {
  constructor(
    private readonly environment: Environment,
    private readonly clock: Clock,
    private readonly entitlements: EntitlementRepository,
    private readonly candidates: CandidateTitlesRepository,
    private readonly stages: Stages,
  ) {}

  /** @throws UnknownContentError, DatabaseUnavailableError */
  async find(userId: string, contentId: string): Promise<EntitlementAnswer> {
    const answer = await this.stages.run('decision', () => this.decide(userId, contentId));
    if (answer === undefined) throw new UnknownContentError();
    return answer;
  }

  /** @returns undefined when there is no such title */
  private async decide(userId: string, contentId: string): Promise<EntitlementAnswer | undefined> {
    const facts = await this.entitlements.find(userId, contentId);
    if (facts === undefined) return undefined;
    const at = this.clock.now();
    const rule = this.environment.RENTAL_END_RULE;
    return entitlementAnswer(contentId, decideEntitlement(facts.content, facts.purchases, at, rule), at, rule);
  }

  /**
   * @param limit most titles of the page; it may have fewer and not be the last
   * @param after content id that the titles come after
   * @throws DatabaseUnavailableError
   */
  async list(userId: string, limit: number, after?: string): Promise<PlayableTitles> {
    const at = this.clock.now();
    const rule = this.environment.RENTAL_END_RULE;
    const titles: PlayableTitle[] = [];
    let examined = after;
    for (let read = 1; read <= MOST_READS; read += 1) {
      // One more than the page takes tells whether another page follows.
      const wanted = read === 1 ? limit + 1 : FURTHER_CANDIDATES;
      const candidates = await this.candidates.find({ userId, at, after: examined, limit: wanted });
      for (const candidate of candidates) {
        const { contentId, title, purchases } = candidate;
        const answer = entitlementAnswer(contentId, decideEntitlement(candidate, purchases, at, rule), at, rule);
        if (answer.entitled && titles.length === limit) return page(titles);
        if (answer.entitled) titles.push({ contentId, title, entitled: answer.entitled, rights: answer.rights });
        examined = contentId;
      }
      if (candidates.length < wanted) return { titles, continueAfter: null };
    }
    return { titles, continueAfter: examined ?? null };
  }
}

/** A full page that another follows. */
function page(titles: PlayableTitle[]): PlayableTitles {
  return { titles, continueAfter: titles.at(-1)?.contentId ?? null };
}
