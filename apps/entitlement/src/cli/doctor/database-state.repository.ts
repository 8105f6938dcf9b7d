// What the database says of itself: time, rights, migrations, partitions.
import {
  Prisma,
  type LedgerMonths,
  readLedgerMonths,
  SERVING_GRANTS,
  type AppliedMigration,
  type PrismaService,
} from '@app/platform/database';

export interface LedgerState extends Pick<LedgerMonths, 'months'> {
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
    const rows = await this.prisma.client.$queryRaw<{ wanted: string; object: string; held: boolean | null }[]>`
      SELECT privilege || ' ' || object || coalesce('(' || a.attname || ')', '') AS wanted,
             object || CASE WHEN columns IS NULL THEN '()' ELSE '' END AS object, CASE
          WHEN columns IS NULL THEN (SELECT bool_and(has_function_privilege(oid, privilege)) FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace AND proname = object)
          WHEN a.attname IS NULL THEN has_table_privilege(of, privilege)
          ELSE has_column_privilege(of, a.attname, privilege)
        END AS held
      FROM ROWS FROM (json_to_recordset(${JSON.stringify(SERVING_GRANTS)}::json)
        AS (object text, privilege text, columns jsonb)) WITH ORDINALITY AS w (object, privilege, columns, position)
        CROSS JOIN LATERAL to_regclass('public.' || object) AS of
        LEFT JOIN pg_attribute a ON attrelid = of AND attnum > 0 AND NOT attisdropped
          AND CASE jsonb_typeof(columns) WHEN 'array' THEN columns ? attname
            WHEN 'object' THEN NOT columns -> 'allBut' ? attname ELSE false END
      ORDER BY position, attnum`;
    return {
      missing: rows.filter(({ held }) => held === false).map(({ wanted }) => wanted),
      excessive: await this.#excessive(),
      absent: [...new Set(rows.filter(({ held }) => held === null).map(({ object }) => object))],
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
