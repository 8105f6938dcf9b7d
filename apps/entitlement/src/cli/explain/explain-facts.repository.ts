// What an explanation needs beyond the facts of a decision: the store's ids of purchases, and tokens spent so far.
import { Prisma, type PrismaService } from '@app/platform/database';
import type { SpendingLimits } from '../../entitlements/decision.query.js';

/** What the store calls a purchase. */
export interface OrderLabel {
  purchaseId: string;
  externalId: string;
  purchasedAt: Date;
  revocationReason: string | null;
}

/** Tokens that count against the limits at a moment: those granted in the window, and those being bought. */
export interface Spending {
  user: number;
  title: number;
  /** When one more may be bought, where a limit is met; null when none is. */
  limitedUntil: Date | null;
}

export class ExplainFactsRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** @throws DatabaseUnavailableError */
  orders(userId: string, contentId: string): Promise<OrderLabel[]> {
    return this.prisma.client.$queryRaw<OrderLabel[]>`
      SELECT id AS "purchaseId", external_id AS "externalId", purchased_at AS "purchasedAt",
             revocation_reason::text AS "revocationReason"
      FROM purchase WHERE user_id = ${userId} AND content_id = ${contentId}`;
  }

  /**
   * What the function `reserve_token` of the migrations looks at, without reserving anything.
   * @throws DatabaseUnavailableError
   */
  async spending(userId: string, contentId: string, at: Date, limits: SpendingLimits): Promise<Spending> {
    const { windowSeconds, perUser, perTitle, reservationSeconds } = limits;
    const blocking = (of: Prisma.Sql, limit: number) =>
      Prisma.sql`(SELECT spent_at FROM spent ${of} ORDER BY spent_at DESC OFFSET ${limit - 1}::int LIMIT 1)`;
    const ofTitle = Prisma.sql`WHERE content_id = ${contentId}`;
    const [row] = await this.prisma.client.$queryRaw<Spending[]>`
      WITH spent AS (
        SELECT content_id, decided_at AS spent_at FROM issuance
        WHERE user_id = ${userId} AND decision = 'granted'
          AND decided_at > ${at}::timestamptz - make_interval(secs => ${windowSeconds})
        UNION ALL
        SELECT content_id, reserved_at FROM token_reservation
        WHERE user_id = ${userId} AND reserved_at > ${at}::timestamptz - make_interval(secs => ${reservationSeconds})
      )
      SELECT count(*)::int AS "user", count(*) FILTER (WHERE content_id = ${contentId})::int AS title,
             greatest(${blocking(Prisma.empty, perUser)}, ${blocking(ofTitle, perTitle)})
               + make_interval(secs => ${windowSeconds}) AS "limitedUntil"
      FROM spent`;
    return row ?? { user: 0, title: 0, limitedUntil: null };
  }
}
