// Reads PostgreSQL's plans: which tables a statement scans, and how. The statements of functions it calls are looked at too.
import type { Client } from 'pg';

/** A statement with its parameters, as `Prisma.sql` builds them. */
export interface Statement {
  text: string;
  values: unknown[];
}

/** One table that a plan reads. */
export interface Scan {
  /** PostgreSQL's word: `Index Scan`, `Seq Scan`, `Bitmap Heap Scan`... */
  how: string;
  table: string;
  /** Absent where none is used. */
  index?: string;
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  Plans?: PlanNode[];
}

const EXPLAIN = 'EXPLAIN (ANALYZE, FORMAT JSON)';

const NESTED_PLANS = `
  LOAD 'auto_explain';
  SET auto_explain.log_min_duration = 0;
  SET auto_explain.log_nested_statements = on;
  SET auto_explain.log_analyze = on;
  SET auto_explain.log_format = 'json';
  SET auto_explain.log_level = 'notice'`;

/**
 * Runs a statement under EXPLAIN (ANALYZE, FORMAT JSON) and undoes what it did.
 * @param client a connection of a superuser, which may look into functions
 */
export async function scansOf(client: Client, { text, values }: Statement): Promise<Scan[]> {
  const plans: PlanNode[] = [];
  const listen = ({ message = '' }: { message?: string }) => {
    const [, json] = /^duration: .* plan:\n(.*)$/s.exec(message) ?? [];
    if (json === undefined) return;
    const nested = JSON.parse(json) as { 'Query Text': string; Plan: PlanNode };
    if (!nested['Query Text'].startsWith(EXPLAIN)) plans.push(nested.Plan);
  };
  await client.query(NESTED_PLANS);
  client.on('notice', listen);
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(`${EXPLAIN} ${text}`, values);
    plans.push(...rows.flatMap((row) => row['QUERY PLAN'].map(({ Plan }) => Plan)));
  } finally {
    await client.query('ROLLBACK');
    client.off('notice', listen);
    await client.query('SET auto_explain.log_min_duration = -1');
  }
  return plans.flatMap((plan) => scansIn(plan));
}

/** Of these tables, those larger than one page (8 kB). */
export async function largeTables(client: Client, tables: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relname = ANY($1) AND pg_relation_size(oid) > current_setting('block_size')::int`,
    [tables],
  );
  return new Set(rows.map(({ name }) => name));
}

/** Whether a scan reads its table from end to end. */
export function readsAll({ how }: Scan): boolean {
  return how.includes('Seq Scan');
}

function scansIn(node: PlanNode): Scan[] {
  const { 'Node Type': how, 'Relation Name': table, 'Index Name': index, Plans: inner = [] } = node;
  // The index of a bitmap stands one node below its table.
  const used = index ?? inner.find((child) => child['Node Type'] === 'Bitmap Index Scan')?.['Index Name'];
  const own = table === undefined || !how.endsWith('Scan') ? [] : [{ how, table, index: used }];
  return [...own, ...inner.flatMap((child) => scansIn(child))];
}
