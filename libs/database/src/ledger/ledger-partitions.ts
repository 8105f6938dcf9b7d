// Looks after the ledger's monthly partitions: makes those of the months to come, drops those past their time.
import { Client, escapeIdentifier } from 'pg';

/** What is wanted of the ledger. Months are calendar months in UTC. */
export interface LedgerMaintenance {
  /** The present moment. */
  now: Date;
  /** How many months to come get their partition now. */
  monthsAhead: number;
  /** How many whole months before the present one are kept; undefined keeps all. */
  keepMonths?: number;
  /** Only tell what would be done. */
  dryRun?: boolean;
}

/** What was done, or, in a dry run, would be. */
export interface LedgerMaintenanceReport {
  /** Partitions made. */
  created: string[];
  /** Partitions dropped, with the rows that went with each. */
  dropped: { partition: string; rows: number }[];
  /** Rows that no month's partition took; they are kept until somebody looks at them. */
  rowsOutsideMonths: number;
}

const MONTH = /^issuance_(\d{4})_(\d{2})$/;

/**
 * Maintains the ledger. A month is dropped as a whole, which the ledger's append-only triggers let pass: it takes a role that
 * owns the table, and no lock longer than a moment.
 * @param databaseUrl connection string of a role that may change the schema
 */
export async function maintainLedger(databaseUrl: string, wanted: LedgerMaintenance): Promise<LedgerMaintenanceReport> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('BEGIN');
    const before = await partitions(client);
    await client.query('SELECT ensure_ledger_partitions($1, $2)', [
      wanted.now,
      addMonths(wanted.now, wanted.monthsAhead),
    ]);
    const created = (await partitions(client)).filter((name) => !before.includes(name));
    const dropped = await dropOld(client, before, wanted);
    const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM issuance_other');
    await client.query(wanted.dryRun === true ? 'ROLLBACK' : 'COMMIT');
    return { created, dropped, rowsOutsideMonths: Number(rows[0]?.count) };
  } finally {
    await client.end();
  }
}

async function partitions(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'issuance'::regclass ORDER BY c.relname`);
  return rows.map(({ name }) => name).filter((name) => MONTH.test(name));
}

async function dropOld(
  client: Client,
  names: readonly string[],
  { now, keepMonths }: LedgerMaintenance,
): Promise<LedgerMaintenanceReport['dropped']> {
  if (keepMonths === undefined) return [];
  const oldestKept = addMonths(now, -keepMonths);
  const dropped = [];
  for (const partition of names.filter((name) => startOf(name) < oldestKept)) {
    const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${escapeIdentifier(partition)}`);
    await client.query(`DROP TABLE ${escapeIdentifier(partition)}`);
    dropped.push({ partition, rows: Number(rows[0]?.count) });
  }
  return dropped;
}

function startOf(partition: string): Date {
  const [, year, month] = MONTH.exec(partition) ?? [];
  return new Date(Date.UTC(Number(year), Number(month) - 1));
}

/** The first moment of a month some months from now. */
function addMonths(moment: Date, months: number): Date {
  return new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + months));
}
