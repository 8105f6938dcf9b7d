// What the database says of itself: time, rights, migrations, partitions.
import {
  LISTED_TABLES,
  Prisma,
  readLedgerMonths,
  servingRights,
  type AppliedMigration,
  type PrismaService,
  type Right,
} from '@app/platform/database';

export interface LedgerState {
  /** The months that have a partition, as the first moment of each, in order. */
  months: Date[];
  /**
   * Whether rows lie outside of the months; undefined when the table for them is not there. To a role that may not read it,
   * as the serving one, its size tells, which stays for a while after it was emptied.
   */
  hasRowsOutside: boolean | undefined;
}

export class DatabaseStateRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** This session only reads in any case; `writable` is what others would find. */
  async server(): Promise<{ role: string; version: string; writable: boolean }> {
    const [row] = await this.prisma.client.$queryRaw<{ role: string; version: string; writable: boolean }[]>`
      SELECT current_user::text AS role, current_setting('server_version') AS version,
             NOT pg_is_in_recovery() AND current_setting('default_transaction_read_only') = 'off' AS writable`;
    return row ?? { role: 'unknown', version: 'unknown', writable: true };
  }

  async time(): Promise<Date> {
    const [row] = await this.prisma.client.$queryRaw<{ now: Date }[]>`SELECT clock_timestamp() AS now`;
    return row?.now ?? new Date(NaN);
  }

  /**
   * What the connected user lacks of the serving role, such as `UPDATE purchase(first_play_at)`, what it has that no service
   * should have, and the tables and functions that are not there.
   */
  async servingRights(): Promise<Record<'missing' | 'excessive' | 'absent', string[]>> {
    // Without it there is nothing else to be seen.
    const [schema] = await this.prisma.client.$queryRaw<{ usable: boolean }[]>`
      SELECT has_schema_privilege('public', 'USAGE') AS usable`;
    if (schema?.usable !== true) return { missing: ['USAGE ON SCHEMA public'], excessive: [], absent: [] };
    const columns = await this.#columns();
    const wanted = servingRights(columns);
    const rows = await this.prisma.client.$queryRaw<(Right & { held: boolean | null })[]>`
      SELECT w.*, CASE w.kind
          WHEN 'table' THEN has_table_privilege(to_regclass('public.' || w.object), w.privilege)
          WHEN 'column' THEN has_column_privilege(to_regclass('public.' || w.object), w."column", w.privilege)
          ELSE (SELECT bool_and(has_function_privilege(p.oid, w.privilege)) FROM pg_proc p
                WHERE p.pronamespace = 'public'::regnamespace AND p.proname = w.object)
        END AS held
      FROM json_to_recordset(${JSON.stringify(wanted)}::json)
        AS w(kind text, object text, "column" text, privilege text)`;
    const absentTables = LISTED_TABLES.filter((table) => !columns.has(table));
    const absentFunctions = rows.filter(({ kind, held }) => kind === 'function' && held === null);
    return {
      missing: rows.filter(({ held }) => held === false).map(rightText),
      excessive: await this.#excessive(),
      absent: [...absentTables, ...absentFunctions.map(({ object }) => `${object}()`)],
    };
  }

  /**
   * The applied migrations. Their checksums are for the role that migrates alone; without them `checksums` is false, and
   * those of the answer are empty.
   */
  async migrations(): Promise<{ applied: AppliedMigration[]; checksums: boolean }> {
    const [seen] = await this.prisma.client.$queryRaw<{ exists: boolean; checksums: boolean | null }[]>`
      SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS "exists",
             has_column_privilege(to_regclass('public._prisma_migrations'), 'checksum', 'SELECT') AS checksums`;
    if (seen?.exists !== true) return { applied: [], checksums: true };
    const checksums = seen.checksums === true;
    const applied = await this.prisma.client.$queryRaw<AppliedMigration[]>`
      SELECT migration_name AS name, ${checksums ? Prisma.sql`checksum` : Prisma.sql`''`} AS checksum,
             finished_at IS NOT NULL AS finished, rolled_back_at IS NOT NULL AS "rolledBack"
      FROM public._prisma_migrations`;
    return { applied, checksums };
  }

  async ledger(): Promise<LedgerState> {
    const { months = [] } = (await readLedgerMonths(this.prisma.client)) ?? {};
    const [outside] = await this.prisma.client.$queryRaw<{ size: bigint; readable: boolean }[]>`
      SELECT pg_relation_size(oid) AS size, has_table_privilege(oid, 'SELECT') AS readable
      FROM pg_class WHERE oid = to_regclass('public.issuance_other')`;
    if (outside?.readable !== true) return { months, hasRowsOutside: outside && outside.size > 0n };
    const [found] = await this.prisma.client.$queryRaw<{ rows: boolean }[]>`
      SELECT EXISTS (SELECT FROM public.issuance_other) AS rows`;
    return { months, hasRowsOutside: found?.rows };
  }

  async #columns(): Promise<Map<string, string[]>> {
    const rows = await this.prisma.client.$queryRaw<{ name: string; columns: string[] }[]>`
      SELECT c.relname::text AS name, ARRAY(SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS columns
      FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY(${LISTED_TABLES})`;
    return new Map(rows.map(({ name, columns }) => [name, columns]));
  }

  async #excessive(): Promise<string[]> {
    const [row] = await this.prisma.client.$queryRaw<
      { superuser: boolean; ledger: boolean | null; owner: boolean | null }[]
    >`
      SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
             has_table_privilege(to_regclass('public.issuance'), 'UPDATE, DELETE, TRUNCATE') AS ledger,
             (SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE oid = to_regclass('public.issuance')) AS owner`;
    if (row?.superuser === true) return ['everything (superuser)'];
    if (row?.owner === true) return ['change the schema'];
    return row?.ledger === true ? ['change the ledger'] : [];
  }
}

function rightText({ privilege, object, column }: Right): string {
  return `${privilege} ${object}${column === null ? '' : `(${column})`}`;
}
