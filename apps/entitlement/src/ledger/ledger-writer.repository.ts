// Writes the ledger, and with a rental's first token its first play, in one statement and so in one transaction.
import { Injectable } from '@nestjs/common';
import {
  ALONE,
  DatabaseUnavailableError,
  Prisma,
  PrismaService,
  type RoundTrips,
  SharedRoundTrips,
} from '@app/platform/database';
import type { Purchase, Rental } from '../purchases/purchase.js';
import { type GrantedIssuance, type RefusedIssuance, REFUSALS } from './issuance.js';
import { entry, firstGrant, type FirstGrant, firstGrants, laterGrants, restoration } from './ledger-statements.js';
import type { UnwrittenToken } from './unwritten-token.js';

/** What the record of a token writes: its row, or for an unstarted rental the purchase's first play as well. */
type Written = 'row' | 'first-play';

/** What became of the row of a token that was bought and not written: it is written now, or was there already. */
export interface RestoredRow {
  written: boolean;
  decision: string;
  /** Whether the rental's clock was started, by a write that was taken for failed. */
  firstPlay: boolean;
}

const MOST_UNWRITTEN = 10_000;
/** A lock was not to be had in time, as Postgres says it, or this process for those who wait in it. */
const LOCKED: ReadonlySet<unknown> = new Set(['55P03', '57014']);

@Injectable()
export class LedgerWriter {
  /** What could not be written the last time, for want of the database. */
  readonly #failing = new Set<Written>();
  /** Purchases a token of which was bought and could not be written down; the oldest first. */
  readonly #unwritten = new Set<string>();
  /** Whether it is being tried to write to a purchase whose token was not bought: one that waits for a lock is enough. */
  #isTrying = false;
  readonly #grants: SharedRoundTrips<GrantedIssuance, boolean | undefined>;
  readonly #firstGrants: SharedRoundTrips<FirstGrant, boolean | undefined>;

  constructor(private readonly prisma: PrismaService) {
    const later: RoundTrips<GrantedIssuance, boolean | undefined> = {
      one: (issuance) => this.#grant(issuance()),
      many: (issuances) => this.#grantTogether('issuances', laterGrants(issuances())),
    };
    const first: RoundTrips<FirstGrant, boolean | undefined> = {
      one: (issuance) => this.#grantFirst(issuance()),
      many: (issuances) => this.#grantTogether('first_issuances', firstGrants(issuances())),
    };
    this.#grants = new SharedRoundTrips(later, prisma.turns);
    this.#firstGrants = new SharedRoundTrips(first, prisma.turns);
  }

  /**
   * Whether what is bought for a purchase could be for nobody: the last write failed for want of the database, or the last grant
   * for this purchase did, whose row alone may be locked.
   */
  isFailing(purchase: Purchase): boolean {
    return writesOf(purchase).some((written) => this.#failing.has(written)) || this.#unwritten.has(purchase.id);
  }

  /**
   * Records an issued token, once, however often it is called for it. With the first token of a rental its first play is
   * written, unless one is there, or was taken back since the decision. The token's reservation ends, for now the ledger counts it.
   * @returns whether this issuance started the rental's clock; undefined when the rental to be started is no longer the one
   *   decided on: then nothing is recorded
   * @throws DatabaseUnavailableError, and then nothing is written, unless the connection broke
   */
  async recordGranted(issuance: GrantedIssuance): Promise<boolean | undefined> {
    const { purchase } = issuance;
    try {
      return await this.#watch(
        purchase,
        isFirst(issuance) ? this.#firstGrants.ask(issuance) : this.#grants.ask(issuance),
      );
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) this.#remember(purchase);
      throw error;
    }
  }

  async #grant(issuance: GrantedIssuance): Promise<boolean> {
    await this.#write('issuance', entry('granted', issuance));
    return false;
  }

  async #grantFirst(issuance: FirstGrant): Promise<boolean | undefined> {
    const [row] = await this.#write<{ firstPlay: boolean | null }>('first_issuance', firstGrant(issuance));
    // No row: another try wrote it after this statement began, so the next one sees it.
    return row === undefined ? this.#grantFirst(issuance) : (row.firstPlay ?? undefined);
  }

  /** What somebody else has locked, what is not as it was decided on, and what is written already, is left for `one`. */
  async #grantTogether(kind: string, statement: Prisma.Sql) {
    const rows = await this.#write<{ id: string; firstPlay: boolean }>(kind, statement);
    const written = new Map(rows.map(({ id, firstPlay }) => [id, firstPlay]));
    return ({ id }: GrantedIssuance) => written.get(id) ?? ALONE;
  }

  /**
   * Records a request that ended without a token, once, however often it is called for it; if one was reserved, it no longer counts.
   * One that was refused because the ledger was failing writes to the purchase as a grant would: where that works, the next such
   * token is bought.
   * @throws DatabaseUnavailableError
   */
  async recordRefused(issuance: RefusedIssuance): Promise<void> {
    const { purchase, reason } = issuance;
    const row = (trial = Prisma.empty) =>
      this.#write('issuance', Prisma.sql`${trial}${entry(REFUSALS[reason], issuance)}`);
    const tried = reason === 'ledger-unavailable' ? purchase : undefined;
    if (tried === undefined || !isUnstarted(tried)) {
      await this.#watch(tried, row());
    } else if (this.#isTrying) {
      await this.#watch(undefined, row());
    } else {
      this.#isTrying = true;
      const trial = Prisma.sql`WITH trial AS (UPDATE purchase SET updated_at = updated_at WHERE id = ${tried.id}::uuid)`;
      await this.#watch(tried, row(trial), []).finally(() => {
        this.#isTrying = false;
      });
    }
  }

  /**
   * Writes the rows of tokens that were bought and could not be written, all of them or none; those that are there are left.
   * It starts no clock: nobody was given these tokens.
   * @returns what became of each, in their order
   * @throws DatabaseUnavailableError
   */
  restore(tokens: readonly UnwrittenToken[]): Promise<RestoredRow[]> {
    return this.prisma.transaction(async (tx) => {
      const restored: RestoredRow[] = [];
      for (const token of tokens) restored.push(...(await tx.$queryRaw<RestoredRow[]>(restoration(token))));
      return restored;
    });
  }

  #write<T>(kind: string, statement: Prisma.Sql): Promise<T[]> {
    return this.prisma.persist(() => this.prisma.runPrepared<T>(kind, () => statement));
  }

  /**
   * Learns from a write whether the ledger can be written.
   * @param purchase whose token it is about, if a token of it would be written down like this
   * @param doubted what is taken for failing when it fails
   */
  async #watch<T>(purchase: Purchase | undefined, write: Promise<T>, doubted = writesOf(purchase)): Promise<T> {
    // A purchase that is known to be stuck says nothing of the others.
    const isStuck = purchase !== undefined && this.#unwritten.has(purchase.id);
    try {
      const result = await write;
      if (purchase !== undefined) {
        for (const written of writesOf(purchase)) this.#failing.delete(written);
        this.#unwritten.delete(purchase.id);
      }
      return result;
    } catch (error) {
      if (error instanceof DatabaseUnavailableError && !isStuck) {
        // Where a lock was waited for, it is the purchase's: whether rows can be written, those without a first play tell.
        const waited = LOCKED.has(error.fault.code) && doubted.includes('first-play');
        for (const written of doubted) if (written !== 'row' || !waited) this.#failing.add(written);
      }
      throw error;
    }
  }

  #remember(purchase: Purchase): void {
    const [oldest] = this.#unwritten;
    if (this.#unwritten.size >= MOST_UNWRITTEN && oldest !== undefined) this.#unwritten.delete(oldest);
    this.#unwritten.add(purchase.id);
  }
}

function isFirst(issuance: GrantedIssuance): issuance is FirstGrant {
  return isUnstarted(issuance.purchase);
}

function isUnstarted(purchase: Purchase): purchase is Rental {
  return purchase.type === 'rental' && purchase.firstPlayAt === null;
}

function writesOf(purchase: Purchase | undefined): Written[] {
  return purchase !== undefined && isUnstarted(purchase) ? ['row', 'first-play'] : ['row'];
}
