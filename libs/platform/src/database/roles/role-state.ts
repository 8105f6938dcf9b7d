// What the database's catalogue says about owners and privileges now.
import type { Client } from 'pg';
import type { RoleNames } from './role-grants.js';

/** The grantee that stands for everybody. */
export const PUBLIC = 'PUBLIC';

/** One privilege that one grantee holds. */
export interface Privilege {
  on: 'database' | 'schema' | 'table' | 'function';
  /** The object as SQL names it, quoted where it has to be. */
  object: string;
  /** A column's name; null for the object as a whole. */
  column: string | null;
  /** A role, or `PUBLIC`. */
  grantee: string;
  /** `SELECT`, `EXECUTE` and so on. */
  privilege: string;
  /** Held with the right to give it to others. No role is wanted to have that. */
  grantable?: boolean;
}

/** A table, or a partition of one. */
export interface Table {
  name: string;
  /** As SQL names it. */
  sql: string;
  owner: string;
  /** Column names. */
  columns: string[];
  /** The partitioned table it belongs to, at the top. */
  partitionOf: string | null;
}

/** A function, with its argument types in `sql`, or a type that a table's column has. */
export interface OwnedObject {
  name: string;
  sql: string;
  owner: string;
}

/** All that a plan looks at. */
export interface RoleState {
  /** The database as SQL names it. */
  database: string;
  tables: Table[];
  functions: OwnedObject[];
  /** Enumerations, with the tables that use them. */
  types: (OwnedObject & { tables: string[] })[];
  /** What the three roles and everybody hold. */
  privileges: Privilege[];
  /** Whether everybody may call the functions that the migrating role will make. */
  newFunctionsArePublic: boolean;
}

/** Reads the state of the schema `public`, without what belongs to extensions. */
export async function readRoleState(client: Client, names: RoleNames): Promise<RoleState> {
  const read = async <T extends object>(sql: string, ...values: unknown[]): Promise<T[]> =>
    (await client.query<T>(sql, values)).rows;
  const [own] = await read<{ database: string; newFunctionsArePublic: boolean }>(DATABASE, names.migrate);
  return {
    database: own?.database ?? '',
    newFunctionsArePublic: own?.newFunctionsArePublic ?? true,
    tables: await read<Table>(TABLES),
    functions: await read<OwnedObject>(FUNCTIONS),
    types: await read<RoleState['types'][number]>(TYPES),
    privileges: await read<Privilege>(PRIVILEGES, Object.values(names)),
  };
}

const notOfAnExtension = (catalogue: string, oid: string): string => `NOT EXISTS (
  SELECT FROM pg_depend WHERE classid = '${catalogue}'::regclass AND objid = ${oid} AND deptype = 'e')`;

const DATABASE = `
  SELECT quote_ident(current_database()) AS database, NOT EXISTS (
    SELECT FROM pg_default_acl d WHERE pg_get_userbyid(d.defaclrole) = $1 AND d.defaclnamespace = 0 AND d.defaclobjtype = 'f'
      AND NOT EXISTS (SELECT FROM aclexplode(d.defaclacl) WHERE grantee = 0)) AS "newFunctionsArePublic"`;

const TABLES = `
  SELECT c.relname AS name, format('public.%I', c.relname) AS sql, pg_get_userbyid(c.relowner) AS owner,
    CASE WHEN c.relispartition THEN (SELECT relname FROM pg_class WHERE oid = pg_partition_root(c.oid)) END AS "partitionOf",
    ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attnum) AS columns
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND ${notOfAnExtension('pg_class', 'c.oid')}
  ORDER BY c.relname`;

const FUNCTION_SQL = `format('public.%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid))`;

const FUNCTIONS = `
  SELECT p.proname AS name, ${FUNCTION_SQL} AS sql, pg_get_userbyid(p.proowner) AS owner
  FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND ${notOfAnExtension('pg_proc', 'p.oid')} ORDER BY p.proname`;

const TYPES = `
  SELECT t.typname AS name, format('public.%I', t.typname) AS sql, pg_get_userbyid(t.typowner) AS owner,
    ARRAY(SELECT DISTINCT c.relname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE a.atttypid = t.oid) AS tables
  FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace AND t.typtype = 'e' AND ${notOfAnExtension('pg_type', 't.oid')}
  ORDER BY t.typname`;

const PRIVILEGES = `
  WITH held AS (
    SELECT 'database' AS "on", quote_ident(datname) AS object, NULL::text AS "column", a.*
    FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) a WHERE datname = current_database()
    UNION ALL
    SELECT 'schema', 'public', NULL, a.*
    FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) a WHERE nspname = 'public'
    UNION ALL
    SELECT 'table', format('public.%I', relname), NULL, a.*
    FROM pg_class, aclexplode(coalesce(relacl, acldefault('r', relowner))) a
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL
    SELECT 'table', format('public.%I', c.relname), t.attname::text, a.*
    FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a
    WHERE c.relnamespace = 'public'::regnamespace AND t.attacl IS NOT NULL AND NOT t.attisdropped
    UNION ALL
    SELECT 'function', ${FUNCTION_SQL}, NULL, a.*
    FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    WHERE p.pronamespace = 'public'::regnamespace
  ), named AS (
    SELECT "on", object, "column", CASE grantee WHEN 0 THEN '${PUBLIC}' ELSE pg_get_userbyid(grantee)::text END AS grantee,
      privilege_type AS privilege, is_grantable
    FROM held
  )
  SELECT "on", object, "column", grantee, privilege, bool_or(is_grantable) AS grantable
  FROM named WHERE grantee = '${PUBLIC}' OR grantee = ANY($1)
  GROUP BY 1, 2, 3, 4, 5 ORDER BY "on", object, grantee, privilege, "column"`;
