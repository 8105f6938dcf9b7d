// Reads what the rules are asked about: for a decision a title with its policy and key and the user's purchases of it, for a list the
// titles that a user may be able to play.
import { Injectable } from '@nestjs/common';
import type { Budget } from '@app/platform/clock';
import { ALONE, Prisma, PrismaService, type RoundTrips, SharedRoundTrips } from '@app/platform/database';
import type { Purchase } from '../purchases/purchase.js';
import {
  decisionQuery,
  type DecisionRow,
  decisionsQuery,
  type EntitlementFacts,
  factsOf,
  type PurchaseColumns,
  purchasesOf,
  type Question,
  type TokenReservation,
} from './decision.query.js';
import type { Availability } from './entitlement.rules.js';

/** A title that can be played now, and the user's purchases of it that may still entitle to it. */
export interface CandidateTitle extends Availability {
  contentId: string;
  title: string;
  /** The oldest first, at least one. */
  purchases: Purchase[];
}

/** Which candidates: at most `limit`, after the content id `after`, at the moment asked about. */
export interface CandidateTitles {
  userId: string;
  at: Date;
  after?: string;
  limit: number;
}

@Injectable()
export class EntitlementsRepository {
  /** What only reads is asked apart from what may wait for the ledger, or for reservations. */
  readonly #reads: SharedRoundTrips<Question, EntitlementFacts | undefined>;
  readonly #decisions: SharedRoundTrips<Question, EntitlementFacts | undefined>;

  constructor(private readonly prisma: PrismaService) {
    const roundTrips: RoundTrips<Question, EntitlementFacts | undefined> = {
      one: async (question) =>
        factsOf(await this.prisma.runPrepared<DecisionRow>('decision', () => decisionQuery(question()))),
      many: async (questions) => {
        const statement = () => decisionsQuery(questions());
        const rows = await this.prisma.runPrepared<DecisionRow & Answered>('decisions', statement);
        return (_, index) => {
          const own = rows.filter((row) => row.index === index);
          return own[0]?.isFree === false ? ALONE : factsOf(own);
        };
      },
    };
    this.#reads = new SharedRoundTrips(roundTrips, prisma.turns);
    this.#decisions = new SharedRoundTrips(roundTrips, prisma.turns);
  }

  /** Opens a few connections and prepares the statement of decisions on each; one has to work. @throws DatabaseUnavailableError */
  async warmUp(): Promise<void> {
    const few = [1, 2, 3, 4].map(() => this.prisma.runPrepared('decisions', () => decisionsQuery([])));
    const tries = await Promise.allSettled(few);
    if (!tries.some(({ status }) => status === 'fulfilled')) await few[0];
  }

  /**
   * What a decision looks at, in one round trip.
   * @param budget of whoever waits; here and below: without one it is read in any case
   * @returns undefined when there is no such content
   * @throws DatabaseUnavailableError, AbandonedError
   */
  find(userId: string, contentId: string, budget?: Budget): Promise<EntitlementFacts | undefined> {
    return this.#reads.ask({ userId, contentId }, budget);
  }

  /** The same, and a token is reserved, if the user has any purchase of the title that stands. */
  findAndReserve(
    userId: string,
    contentId: string,
    reservation: TokenReservation,
    budget?: Budget,
  ): Promise<EntitlementFacts | undefined> {
    return this.#decisions.ask({ userId, contentId, reservation }, budget);
  }

  /**
   * Titles in the order of their ids. Every title that the rules would grant is among them, and few others are: those of
   * rentals that end within two seconds, or, under rule `either`, whose period ended within their play window.
   * @throws DatabaseUnavailableError, AbandonedError
   */
  async findCandidates(wanted: CandidateTitles, budget?: Budget): Promise<CandidateTitle[]> {
    const titles: CandidateTitle[] = [];
    const statement = () => {
      budget?.throwIfAbandoned();
      return candidateTitlesQuery(wanted);
    };
    for (const row of await this.prisma.runPrepared<CandidateRow>('candidates', statement)) {
      const { contentId, title, availableFrom, withdrawnAt } = row;
      const current = titles.at(-1);
      if (current?.contentId === contentId) current.purchases.push(...purchasesOf(row));
      else titles.push({ contentId, title, availableFrom, withdrawnAt, purchases: purchasesOf(row) });
    }
    return titles;
  }
}

type CandidateRow = Omit<CandidateTitle, 'purchases'> & PurchaseColumns;

/** Which question a row answers, and whether it could be answered without waiting for another token of its user. */
interface Answered {
  index: number;
  isFree: boolean;
}

/**
 * The statement of a list: it walks the index of (user, content) and stops at the limit, so that ended purchases cost a look and
 * no more, and nobody else's purchases are touched.
 */
export function candidateTitlesQuery({ userId, at, after, limit }: CandidateTitles): Prisma.Sql {
  // A condition that is necessary under both rules of a rental's end; the rules themselves are asked afterwards.
  const mayEntitle = Prisma.sql`p.revoked_at IS NULL AND (p.type = 'buy-to-own'
    OR ${at}::timestamptz < coalesce(p.first_play_at + make_interval(secs => p.play_duration_seconds), p.period_ends_at))`;
  // OFFSET 0 has each title looked up by its id: nobody's list is worth reading the whole catalogue for.
  return Prisma.sql`
    WITH candidate AS (
      SELECT DISTINCT ON (p.content_id) p.content_id, c.title, c.available_from, c.withdrawn_at
      FROM purchase p
      CROSS JOIN LATERAL (
        SELECT title, available_from, withdrawn_at FROM content WHERE content.id = p.content_id OFFSET 0
      ) c
      WHERE p.user_id = ${userId} AND p.content_id > ${after ?? ''} AND ${mayEntitle}
        AND (c.available_from IS NULL OR c.available_from <= ${at}::timestamptz)
        AND (c.withdrawn_at IS NULL OR c.withdrawn_at > ${at}::timestamptz)
      ORDER BY p.content_id
      LIMIT ${limit}::int
    )
    SELECT c.content_id AS "contentId", c.title, c.available_from AS "availableFrom", c.withdrawn_at AS "withdrawnAt",
           p.id AS "purchaseId", p.revoked_at AS "revokedAt", p.period_ends_at AS "periodEndsAt",
           p.play_duration_seconds AS "playDurationSeconds", p.first_play_at AS "firstPlayAt", p.version,
           p.first_play_reset_id AS "firstPlayResetId"
    FROM candidate c
    JOIN purchase p ON p.user_id = ${userId} AND p.content_id = c.content_id AND ${mayEntitle}
    ORDER BY c.content_id, p.purchased_at, p.id`;
}
