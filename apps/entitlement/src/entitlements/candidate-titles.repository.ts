// Reads the titles that a user may be able to play, in the order of their ids: what the rules are asked about for a list.
import { Injectable } from '@nestjs/common';
import { Prisma, PrismaService } from '@app/platform/database';
import type { Purchase } from '../purchases/purchase.js';
import type { Availability } from './entitlement.rules.js';
import { purchaseOf, type PurchaseColumns } from './purchase.columns.js';

/** A title that can be played now, and the user's purchases of it that may still entitle to it. */
export interface CandidateTitle extends Availability {
  contentId: string;
  title: string;
  /** The oldest first, at least one. */
  purchases: Purchase[];
}

/** Which candidates. */
export interface CandidateTitles {
  userId: string;
  /** The moment asked about. */
  at: Date;
  /** Content id that they come after; absent for the first ones. */
  after?: string;
  /** Most titles. */
  limit: number;
}

@Injectable()
export class CandidateTitlesRepository {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * Every title that the rules would grant is among the candidates, and few others are: those of rentals that end within
   * two seconds, or, under rule `either`, whose period ended within their play window.
   * @throws DatabaseUnavailableError
   */
  async find(wanted: CandidateTitles): Promise<CandidateTitle[]> {
    const titles: CandidateTitle[] = [];
    for (const row of await this.prisma.client.$queryRaw<Row[]>(candidateTitlesQuery(wanted))) {
      const { contentId, title, availableFrom, withdrawnAt } = row;
      const current = titles.at(-1);
      if (current?.contentId === contentId) current.purchases.push(purchaseOf(row));
      else titles.push({ contentId, title, availableFrom, withdrawnAt, purchases: [purchaseOf(row)] });
    }
    return titles;
  }
}

type Row = Omit<CandidateTitle, 'purchases'> & PurchaseColumns;

/**
 * The statement: it walks the index of (user, content) and stops at the limit, so that ended purchases cost a look and
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
