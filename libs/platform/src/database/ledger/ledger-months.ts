// Which months the ledger has partitions for, and when `ledger:maintain` last looked after them.
import { escapeLiteral, type Client } from 'pg';
import type { Statements } from '../prisma.service.js';

export interface LedgerMonths {
  /** The months that have a partition, as the first moment of each, in order. */
  months: Date[];
  /** The end of the last maintenance that left nothing undone; undefined when there was none. */
  maintainedAt: Date | undefined;
}

// Kept as the table's comment, which everybody may read, only the owner may write, and no migration has to bring.
const MAINTAINED = 'ledger:maintain completed at ';

/** Asks the catalog alone; undefined where there is no ledger yet. */
export async function readLedgerMonths(client: Pick<Statements, '$queryRaw'>): Promise<LedgerMonths | undefined> {
  const [row] = await client.$queryRaw<{ partitions: string[]; comment: string | null }[]>`
    SELECT obj_description(p.oid, 'pg_class') AS comment, ARRAY(
        SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = p.oid ORDER BY c.relname) AS partitions
    FROM pg_class p WHERE p.oid = to_regclass('public.issuance')`;
  if (row === undefined) return undefined;
  const months = row.partitions.flatMap((name) => {
    const [, year, month] = /^issuance_(\d{4})_(\d{2})$/.exec(name) ?? [];
    return year === undefined ? [] : [new Date(Date.UTC(Number(year), Number(month) - 1))];
  });
  const maintainedAt = new Date(row.comment?.startsWith(MAINTAINED) ? row.comment.slice(MAINTAINED.length) : '');
  return { months, maintainedAt: Number.isNaN(maintainedAt.getTime()) ? undefined : maintainedAt };
}

/** How many months after the present one have their partition, without a gap; -1 when the present one has none. */
export function monthsAhead(months: readonly Date[], now: Date): number {
  const present = new Set(months.map((month) => month.getTime()));
  let ahead = 0;
  while (present.has(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead))) ahead += 1;
  return ahead - 1;
}

/** Notes that the ledger was maintained; players do not wait for its lock. */
export async function noteMaintenance(client: Client, at: Date): Promise<void> {
  await client.query(`COMMENT ON TABLE issuance IS ${escapeLiteral(MAINTAINED + at.toISOString())}`);
}
