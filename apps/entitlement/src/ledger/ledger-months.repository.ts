// The ledger's months and its last maintenance, for whoever cannot wait for Postgres.
import { Injectable } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { PrismaService, readLedgerMonths, type LedgerMonths } from '@app/platform/database';
import { RecentAnswer } from '../health/recent-answer.js';

const ANSWER_HOLDS_MS = 60_000;

@Injectable()
export class LedgerMonthsRepository {
  readonly #recent: RecentAnswer<void>;
  #latest: LedgerMonths | undefined;

  constructor(prisma: PrismaService, clock: Clock) {
    const read = async () => void (this.#latest = await readLedgerMonths(prisma.client));
    this.#recent = new RecentAnswer(read, ANSWER_HOLDS_MS, clock);
  }

  /** What was last found, undefined at first. Has Postgres asked for the next time, once a minute. */
  latest(): LedgerMonths | undefined {
    // While Postgres is away, what is known stays.
    this.#recent.get().catch(() => undefined);
    return this.#latest;
  }
}
