// What the database's catalogue says about owners and privileges, and what has to be said to it so that they become those of
// `role-grants.ts`.
import { escapeIdentifier, type Client } from 'pg';
import { FUNCTION_GRANTS, TABLE_GRANTS, type Columns, type RoleNames } from './role-grants.js';

/**
 * The statements that lead from the state to what is wanted, in the order they have to be run; none when it is reached.
 * Taking a privilege on a table also takes those on its columns, so a state that was read after them may need some more.
 */
export function planRoles(state: RoleState, names: RoleNames): string[] {
  const wanted = wantedPrivileges(state, names);
  const missing = without(wanted, state.privileges);
  const held = state.privileges.filter(governed(state, names));
  const excess = without(held, wanted);
  const ofDatabase = ({ on }: Privilege): boolean => on === 'database' || on === 'schema';
  return [
    // First, because an owner-to-be must be allowed to create in the schema.
    ...statements('GRANT', missing.filter(ofDatabase)),
    ...changesOfOwner(state, names.migrate),
    ...(state.newFunctionsArePublic
      ? [
          `ALTER DEFAULT PRIVILEGES FOR ROLE ${escapeIdentifier(names.migrate)} REVOKE EXECUTE ON FUNCTIONS FROM ${PUBLIC}`,
        ]
      : []),
    // First of the two, since what a role has given away stands in the way of taking it back.
    ...statements(
      'REVOKE GRANT OPTION FOR',
      held.filter(({ grantable }) => grantable),
    ),
    ...statements('REVOKE', excess),
    ...statements(
      'GRANT',
      missing.filter((privilege) => !ofDatabase(privilege)),
    ),
  ];
}

/** Tables of the schema that no list names; nothing is done to them. */
export function unlistedTables({ tables }: RoleState): string[] {
  return tables.filter((table) => !isListed(table)).map(({ name }) => name);
}

/** Tables that are listed and not there: the migrations that make them have not been applied. */
export function absentTables({ tables }: RoleState): string[] {
  const present = new Set(tables.map(({ name }) => name));
  return Object.keys(TABLE_GRANTS).filter((name) => !present.has(name));
}

/** Whether a table, or the one it is a part of, has an entry in the list. */
function isListed({ name, partitionOf }: Table): boolean {
  return Object.hasOwn(TABLE_GRANTS, partitionOf ?? name);
}

function wantedPrivileges(state: RoleState, { migrate, serve, report }: RoleNames): Privilege[] {
  const roles = { serve, report };
  const onDatabase = [migrate, serve, report].flatMap((grantee): Privilege[] => [
    { on: 'database', object: state.database, column: null, grantee, privilege: 'CONNECT' },
    { on: 'schema', object: 'public', column: null, grantee, privilege: 'USAGE' },
  ]);
  const onTables = state.tables.flatMap((table) =>
    (['serve', 'report'] as const).flatMap((role) =>
      Object.entries(TABLE_GRANTS[table.name]?.[role] ?? {}).flatMap(([privilege, columns]: [string, Columns]) =>
        columnsOf(table, columns).map((column): Privilege => ({
          on: 'table',
          object: table.sql,
          column,
          grantee: roles[role],
          privilege,
        })),
      ),
    ),
  );
  const onFunctions = state.functions.flatMap(({ name, sql }) =>
    (['serve', 'report'] as const)
      .filter((role) => FUNCTION_GRANTS[name]?.[role])
      .map((role): Privilege => ({
        on: 'function',
        object: sql,
        column: null,
        grantee: roles[role],
        privilege: 'EXECUTE',
      })),
  );
  return [
    ...onDatabase,
    { on: 'schema', object: 'public', column: null, grantee: migrate, privilege: 'CREATE' },
    ...onTables,
    ...onFunctions,
  ];
}

function columnsOf(table: Table, columns: Columns): (string | null)[] {
  if (columns === 'all') return [null];
  return 'allBut' in columns
    ? table.columns.filter((name) => !columns.allBut.includes(name))
    : columns.filter((name) => table.columns.includes(name));
}

/** Whether a privilege may be taken away: what a stranger holds, or what is held on a stranger's table, is not ours. */
function governed({ tables, functions }: RoleState, names: RoleNames): (privilege: Privilege) => boolean {
  const objects = new Set([
    ...tables.filter(isListed).map(({ sql }) => sql),
    ...functions.filter(({ name }) => Object.hasOwn(FUNCTION_GRANTS, name)).map(({ sql }) => sql),
  ]);
  return ({ on, object, grantee }) =>
    grantee !== names.migrate && (on === 'database' || on === 'schema' || objects.has(object));
}

function changesOfOwner({ tables, functions, types }: RoleState, migrate: string): string[] {
  const ours = [
    ...tables.filter(isListed).map((table) => ({ kind: 'TABLE', ...table })),
    ...types
      .filter((type) => type.tables.some((name) => Object.hasOwn(TABLE_GRANTS, name)))
      .map((type) => ({ kind: 'TYPE', ...type })),
    ...functions
      .filter(({ name }) => Object.hasOwn(FUNCTION_GRANTS, name))
      .map((routine) => ({ kind: 'FUNCTION', ...routine })),
  ];
  return ours
    .filter(({ owner }) => owner !== migrate)
    .map(({ kind, sql }) => `ALTER ${kind} ${sql} OWNER TO ${escapeIdentifier(migrate)}`);
}

function without(privileges: readonly Privilege[], others: readonly Privilege[]): Privilege[] {
  const known = new Set(others.map(key));
  return privileges.filter((privilege) => !known.has(key(privilege)));
}

function key({ on, object, column, grantee, privilege }: Privilege): string {
  return JSON.stringify([on, object, column, grantee, privilege]);
}

/** One statement for each object and grantee. With the right to give a privilege away goes what was given away by it. */
function statements(verb: 'GRANT' | 'REVOKE' | 'REVOKE GRANT OPTION FOR', privileges: readonly Privilege[]): string[] {
  const direction = verb === 'GRANT' ? 'TO' : 'FROM';
  const end = verb === 'REVOKE GRANT OPTION FOR' ? ' CASCADE' : '';
  return groups(privileges, ({ on, object, grantee }) => JSON.stringify([on, object, grantee])).map((group) => {
    const [{ on, object, grantee }] = group;
    const to = grantee === PUBLIC ? PUBLIC : escapeIdentifier(grantee);
    return `${verb} ${list(group)} ON ${on.toUpperCase()} ${object} ${direction} ${to}${end}`;
  });
}

/** `SELECT, UPDATE ("title", "iv")`. */
function list(privileges: readonly Privilege[]): string {
  return groups(privileges, ({ privilege, column }) => `${privilege} ${column === null}`)
    .map((group) => {
      const [{ privilege }] = group;
      const columns = group.flatMap(({ column }) => (column === null ? [] : [escapeIdentifier(column)]));
      return columns.length === 0 ? privilege : `${privilege} (${columns.join(', ')})`;
    })
    .join(', ');
}

type Group = [Privilege, ...Privilege[]];

function groups(privileges: readonly Privilege[], by: (privilege: Privilege) => string): Group[] {
  const found = new Map<string, Group>();
  for (const privilege of privileges) {
    const group = found.get(by(privilege));
    if (group === undefined) found.set(by(privilege), [privilege]);
    else group.push(privilege);
  }
  return [...found.values()];
}

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
