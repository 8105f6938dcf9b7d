// Whether the database takes writes and has every migration this build was written for.
import { Injectable } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { PrismaService, readMigrations } from '@app/platform/database';
import { EntitlementsRepository } from '../entitlements/entitlements.repository.js';
import { RecentAnswer } from './recent-answer.js';

/**
 * How long an answer holds. Probes have no token and no limit, so it is this, and not how often they come, that decides how
 * much of the pool they take from players: one connection for one statement a second.
 */
const ANSWER_HOLDS_MS = 1000;

@Injectable()
export class MigrationsRepository {
  /** Files do not change while a process runs. */
  readonly #names = readMigrations().then((files) => files.map(({ name }) => name));
  readonly #pending: RecentAnswer<string[]>;
  /** Migrations are applied and never taken back under a running service, so this is asked until it is true. */
  #complete = false;

  constructor(
    private readonly prisma: PrismaService,
    private readonly entitlements: EntitlementsRepository,
    clock: Clock,
  ) {
    this.#pending = new RecentAnswer(() => this.#ask(), ANSWER_HOLDS_MS, clock);
  }

  /**
   * The migrations still to be applied, as of the last second. A database that is ahead is fine: that is the first half of
   * every rollout.
   * @throws DatabaseUnavailableError
   */
  pending(): Promise<string[]> {
    return this.#pending.get();
  }

  async #ask(): Promise<string[]> {
    if (!this.#complete) {
      const [wanted, applied] = await Promise.all([this.#names, this.#applied()]);
      const pending = wanted.filter((name) => !applied.has(name));
      if (pending.length > 0) return pending;
      await this.entitlements.warmUp();
      this.#complete = true;
    }
    // Writes nothing, and is refused as any write to the ledger would be: by a standby, and for want of a right.
    await this.prisma.client.$executeRaw`INSERT INTO issuance (id) SELECT NULL WHERE false`;
    return [];
  }

  async #applied(): Promise<Set<string>> {
    const [{ exists } = { exists: false }] = await this.prisma.client.$queryRaw<{ exists: boolean }[]>`
      SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS "exists"`;
    if (!exists) return new Set();
    const rows = await this.prisma.client.$queryRaw<{ name: string }[]>`
      SELECT migration_name AS name FROM public._prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`;
    return new Set(rows.map(({ name }) => name));
  }
}
