// Whether the database has every migration this build was written for.
import { Injectable } from '@nestjs/common';
import { PrismaService, readMigrations } from '@app/database';

@Injectable()
export class MigrationsRepository {
  /** Files do not change while a process runs. */
  readonly #names = readMigrations().then((files) => files.map(({ name }) => name));

  constructor(private readonly prisma: PrismaService) {}

  /**
   * The migrations still to be applied. A database that is ahead is fine: that is the first half of every rollout.
   * @throws DatabaseUnavailableError
   */
  async pending(): Promise<string[]> {
    const [wanted, applied] = await Promise.all([this.#names, this.applied()]);
    return wanted.filter((name) => !applied.has(name));
  }

  private async applied(): Promise<Set<string>> {
    const [{ exists } = { exists: false }] = await this.prisma.client.$queryRaw<{ exists: boolean }[]>`
      SELECT to_regclass('_prisma_migrations') IS NOT NULL AS "exists"`;
    if (!exists) return new Set();
    const rows = await this.prisma.client.$queryRaw<{ name: string }[]>`
      SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`;
    return new Set(rows.map(({ name }) => name));
  }
}
