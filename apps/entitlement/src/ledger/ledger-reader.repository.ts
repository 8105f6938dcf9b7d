// Reads the ledger, the newest row first, and how far its months reach.
import { Injectable } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { type LedgerMonths, Prisma, PrismaService, readLedgerMonths } from '@app/platform/database';
import { RecentAnswer } from '../health/recent-answer.js';
import type { IssuancesQuery, LedgerDecision, LedgerEntry } from './issuances.dto.js';

/** The place of a row among all: by its moment, and among rows of one moment by its id. */
export type LedgerPosition = Pick<LedgerEntry, 'decidedAt' | 'id'>;

/** What to look for, without the paging. */
export type LedgerFilter = Pick<IssuancesQuery, 'user' | 'content' | 'purchase' | 'cookie' | 'from' | 'to'> & {
  decision?: LedgerDecision | undefined;
};

@Injectable()
export class LedgerReader {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * @param after the last row of the page before
   * @throws DatabaseUnavailableError
   */
  find(filter: LedgerFilter, limit: number, after?: LedgerPosition): Promise<LedgerEntry[]> {
    const conditions = Prisma.join([Prisma.sql`true`, ...conditionsOf(filter, after)], ' AND ');
    return this.prisma.client.$queryRaw<LedgerEntry[]>`
      SELECT i.id, i.user_id AS "userId", i.content_id AS "contentId", p.external_id AS purchase, i.drm, i.offline,
             i.decision, i.reason, i.rights_type AS "rightsType", i.rights_end_at AS "rightsEndAt",
             i.play_duration_seconds AS "playDurationSeconds", i.persistent, i.token_expires_at AS "tokenExpiresAt",
             i.first_play AS "firstPlay", i.expressplay_code AS "expressPlayCode", i.request_id AS "requestId",
             i.decided_at AS "decidedAt", i.duration_ms AS "durationMs", i.actor, i.note
      FROM (SELECT * FROM issuance WHERE ${conditions} ORDER BY decided_at DESC, id DESC LIMIT ${limit}) i
      LEFT JOIN purchase p ON p.id = i.purchase_id
      ORDER BY i.decided_at DESC, i.id DESC`;
  }
}

function conditionsOf({ user, content, purchase, cookie, from, to, decision }: LedgerFilter, after?: LedgerPosition) {
  const conditions: [unknown, Prisma.Sql][] = [
    [user, Prisma.sql`user_id = ${user}`],
    [content, Prisma.sql`content_id = ${content}`],
    [cookie, Prisma.sql`id = ${cookie}::char(32)`],
    [decision, Prisma.sql`decision = ${decision}::issuance_decision`],
    [from, Prisma.sql`decided_at >= ${from}`],
    [to, Prisma.sql`decided_at < ${to}`],
    [purchase, Prisma.sql`purchase_id = (SELECT id FROM purchase WHERE external_id = ${purchase})`],
    [after, Prisma.sql`(decided_at, id) < (${after?.decidedAt}, ${after?.id}::char(32))`],
  ];
  return conditions.flatMap(([given, condition]) => (given === undefined ? [] : [condition]));
}

const MONTHS_HOLD_MS = 60_000;

/** The ledger's months and its last maintenance, for whoever cannot wait for Postgres. */
@Injectable()
export class LedgerMonthsRepository {
  readonly #recent: RecentAnswer<void>;
  #latest: LedgerMonths | undefined;

  constructor(prisma: PrismaService, clock: Clock) {
    const read = async () => void (this.#latest = await readLedgerMonths(prisma.client));
    this.#recent = new RecentAnswer(read, MONTHS_HOLD_MS, clock);
  }

  /** What was last found, undefined at first. Has Postgres asked for the next time, once a minute. */
  latest(): LedgerMonths | undefined {
    // While Postgres is away, what is known stays.
    this.#recent.get().catch(() => undefined);
    return this.#latest;
  }
}
