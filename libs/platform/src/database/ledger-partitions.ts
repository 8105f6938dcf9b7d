// Looks after the ledger's monthly partitions: makes those of the months to come, with the rows that came before them, and drops
// those past their time.
import { setTimeout as delay } from 'node:timers/promises';
import { escapeIdentifier, type Client, escapeLiteral } from 'pg';
import { withSession } from './session.js';
import type { Statements } from './prisma.service.js';

/** What is wanted of the ledger. Months are calendar months in UTC. */
export interface LedgerMaintenance {
  /** The present moment. */
  now: Date;
  /** How many months to come get their partition now. */
  monthsAhead: number;
  /** How many whole months before the present one are kept; undefined keeps all. */
  keepMonths?: number;
  /** Only say what would be done. */
  dryRun?: boolean;
  /** Longest wait for a lock on the ledger. Players wait behind it, and the service gives up on a statement after 2 seconds. */
  lockTimeoutMs?: number;
}

/** What was done, or, in a dry run, would be. */
export interface LedgerMaintenanceReport {
  /** Partitions made. */
  created: string[];
  /** Those among them that took rows over from `issuance_other`. */
  moved: PartitionRows[];
  /** Partitions dropped, with the rows that went with each. */
  dropped: PartitionRows[];
  /** Partitions that could not be made, moved to or dropped, and why; the ledger itself where that this ran could not be noted. */
  failed: { partition: string; reason: string }[];
  /** Rows that are still in `issuance_other`; they are kept until somebody looks at them. */
  rowsOutsideMonths: number;
}

interface PartitionRows {
  partition: string;
  rows: number;
}

const MONTH = /^issuance_([1-9]\d{3})_(\d{2})$/;
const EARLIEST = new Date(-8.64e15);
// A little longer than it takes PostgreSQL to end a vacuum that is in the way.
const LOCK_TIMEOUT_MS = 1500;
const LOCK_TRIES = 3;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Maintains the ledger, each month in a transaction of its own. A month is dropped as a whole, which the ledger's append-only
 * triggers let pass.
 * @param databaseUrl connection string of a role that owns the ledger
 * @throws Error when it does not
 */
export async function maintainLedger(databaseUrl: string, wanted: LedgerMaintenance): Promise<LedgerMaintenanceReport> {
  const { now, monthsAhead: ahead, keepMonths, dryRun = false, lockTimeoutMs = LOCK_TIMEOUT_MS } = wanted;
  const oldestKept = keepMonths === undefined ? EARLIEST : addMonths(now, -keepMonths);
  const last = addMonths(now, ahead);
  return withSession({ url: databaseUrl, applicationName: 'ledger:maintain' }, async (client) => {
    await requireOwner(client);
    const report: LedgerMaintenanceReport = { created: [], moved: [], dropped: [], failed: [], rowsOutsideMonths: 0 };
    const attempt = async (partition: string, work: () => Promise<void>) => {
      try {
        await inTransaction(client, lockTimeoutMs, work);
        return true;
      } catch (error) {
        report.failed.push({ partition, reason: reasonOf(error, lockTimeoutMs) });
        return false;
      }
    };
    const tables = await monthTables(client);
    const outside = await rowsOutside(client);
    const missing = [...outside.keys(), ...monthsBetween(now, last)].filter(
      // A month's table that is no partition was detached by hand, and is left alone.
      (name) => !tables.some((table) => table.name === name) && oldestKept <= startOf(name) && startOf(name) <= last,
    );
    for (const partition of monthsBetween(now, last)) {
      if (!tables.some(({ name, isPartition }) => name === partition && !isPartition)) continue;
      report.failed.push({ partition, reason: 'a table of this name is no partition: attach it, or rename it' });
    }
    for (const partition of [...new Set(missing)].sort()) {
      let rows = outside.get(partition) ?? 0;
      const make = async () => {
        rows = await makePartition(client, partition);
      };
      if (!dryRun && !(await attempt(partition, make))) continue;
      report.created.push(partition);
      if (rows > 0) report.moved.push({ partition, rows });
    }
    for (const { name: partition, isPartition } of tables) {
      if (!isPartition || startOf(partition) >= oldestKept) continue;
      const rows = await count(client, partition);
      const drop = async () => void (await client.query(`DROP TABLE ${escapeIdentifier(partition)}`));
      if (dryRun || (await attempt(partition, drop))) report.dropped.push({ partition, rows });
    }
    // Players do not wait for the lock that this takes.
    const note = `COMMENT ON TABLE issuance IS ${escapeLiteral(MAINTAINED + now.toISOString())}`;
    if (!dryRun && report.failed.length === 0) await attempt('issuance', async () => void (await client.query(note)));
    report.rowsOutsideMonths = await count(client, 'issuance_other');
    if (dryRun) for (const { rows } of report.moved) report.rowsOutsideMonths -= rows;
    return report;
  });
}

async function requireOwner(client: Client): Promise<void> {
  const { rows } = await client.query<{ me: string; owner: string; isOwner: boolean }>(`
    SELECT current_user AS me, pg_get_userbyid(relowner) AS owner, pg_has_role(relowner, 'USAGE') AS "isOwner"
    FROM pg_class WHERE oid = 'issuance'::regclass`);
  for (const { me, owner, isOwner } of rows)
    if (!isOwner) throw new Error(`${me} does not own the ledger. Run this as ${owner}, or as a member of that role.`);
}

/** Tables that have the name of a month's partition. */
async function monthTables(client: Client): Promise<{ name: string; isPartition: boolean }[]> {
  const { rows } = await client.query<{ name: string; isPartition: boolean }>(`
    SELECT c.relname AS name, EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid AND inhparent = p.oid) AS "isPartition"
    FROM pg_class c JOIN pg_class p ON p.oid = 'issuance'::regclass AND c.relnamespace = p.relnamespace
    WHERE c.relkind IN ('r', 'p') ORDER BY c.relname`);
  return rows.filter(({ name }) => MONTH.test(name));
}

/** How many rows of each month lie in `issuance_other`, by the name of the partition that should have them. */
async function rowsOutside(client: Client): Promise<Map<string, number>> {
  const { rows } = await client.query<{ partition: string; rows: string }>(`
    SELECT to_char(decided_at AT TIME ZONE 'UTC', '"issuance_"YYYY_MM') AS partition, count(*) AS rows
    FROM issuance_other GROUP BY 1`);
  return new Map(
    rows.filter(({ partition }) => MONTH.test(partition)).map((month) => [month.partition, Number(month.rows)]),
  );
}

async function count(client: Client, table: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${escapeIdentifier(table)}`);
  return Number(rows[0]?.count);
}

/** Tries again where the ledger was in use: others come first, in between. */
async function inTransaction(client: Client, lockTimeoutMs: number, work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.query(`BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = ${lockTimeoutMs}`);
      await work();
      await client.query('COMMIT');
      return;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      if (codeOf(error) !== LOCK_NOT_AVAILABLE || tries === LOCK_TRIES) throw error;
      await delay(lockTimeoutMs);
    }
  }
}

/**
 * Makes a month's partition, and moves the month's rows into it.
 * @returns how many there were
 */
async function makePartition(client: Client, partition: string): Promise<number> {
  const name = escapeIdentifier(partition);
  const bounds = [startOf(partition), addMonths(startOf(partition), 1)];
  const [from, to] = bounds.map((bound) => `'${bound.toISOString()}'`);
  const ofMonth = `decided_at >= ${from} AND decided_at < ${to}`;
  const copy = `INSERT INTO ${name} SELECT * FROM issuance_other o WHERE ${ofMonth}
    AND NOT EXISTS (SELECT FROM ${name} c WHERE c.decided_at = o.decided_at AND c.id = o.id)`;
  // Two of these at once would wait for each other's rows; players do not wait for this lock.
  await client.query('LOCK TABLE ONLY issuance IN SHARE UPDATE EXCLUSIVE MODE');
  await client.query(`CREATE TABLE ${name} (LIKE issuance INCLUDING ALL)`);
  await client.query(
    `CREATE TRIGGER ledger_is_not_truncated BEFORE TRUNCATE ON ${name} EXECUTE FUNCTION refuse_ledger_change()`,
  );
  // Most rows are copied before anybody has to wait. With the lock, those that came meanwhile follow.
  const { rowCount: early } = await client.query(copy);
  await client.query('LOCK TABLE ONLY issuance, issuance_other IN ACCESS EXCLUSIVE MODE');
  const { rowCount: late } = await client.query(copy);
  const copied = (early ?? 0) + (late ?? 0);
  if (copied > 0) {
    await client.query('ALTER TABLE issuance_other DISABLE TRIGGER ledger_is_append_only');
    const { rowCount } = await client.query(`DELETE FROM issuance_other WHERE ${ofMonth}`);
    await client.query('ALTER TABLE issuance_other ENABLE TRIGGER ledger_is_append_only');
    if (rowCount !== copied) throw new Error(`${copied} rows were copied, and ${rowCount} were to be removed`);
  }
  await client.query(`ALTER TABLE issuance ATTACH PARTITION ${name} FOR VALUES FROM (${from}) TO (${to})`);
  return copied;
}

function reasonOf(error: unknown, lockTimeoutMs: number): string {
  if (codeOf(error) !== LOCK_NOT_AVAILABLE) return error instanceof Error ? error.message : String(error);
  return `the ledger was in use, and did not come free within ${lockTimeoutMs / 1000} s, ${LOCK_TRIES} times; a backup or a long report, perhaps: run this again after it`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function startOf(partition: string): Date {
  const [, year, month] = MONTH.exec(partition) ?? [];
  return new Date(Date.UTC(Number(year), Number(month) - 1));
}

/** The names of the partitions of all months from one moment to another. */
function monthsBetween(first: Date, last: Date): string[] {
  const names = [];
  for (let month = addMonths(first, 0); month <= last; month = addMonths(month, 1))
    names.push(`issuance_${month.toISOString().slice(0, 7).replace('-', '_')}`);
  return names;
}

/** The first moment of a month some months from now. */
function addMonths(moment: Date, months: number): Date {
  return new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + months));
}

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
  const months = row.partitions.filter((name) => MONTH.test(name)).map(startOf);
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
