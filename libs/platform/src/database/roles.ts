// Makes the three database roles and gives each what it may do, in one transaction; what is right already stays untouched.
import { escapeIdentifier, type Client } from 'pg';
import { DEFAULT_ROLE_NAMES, FUNCTION_GRANTS, TABLE_GRANTS, type Columns, type RoleNames } from './role-grants.js';
import { withSession } from './session.js';

// Arbitrary; it keeps two runs on one database apart.
const ADVISORY_LOCK = 7_270_737;
const MOST_ROUNDS = 3;
// Changing an owner waits for the statements that use a table, and the statements that come later wait for it.
const LOCK_TIMEOUT = '10s';
const WHO = "It takes the database's owner, who also owns its tables, or a superuser.";
/** The grantee that stands for everybody. */
const PUBLIC = 'PUBLIC';

/** Says what the database refused, or which role has more than can be taken from it. */
class RolesError extends Error {
  override readonly name = 'RolesError';
}

/**
 * Applies the lists of `role-grants.ts` to a database.
 * @param databaseUrl connection string of the database's owner who may create roles, of a superuser, or, where roles and
 * database have been dealt with before, of a member of the migrating role
 * @param options.dryRun only says what would be done, and takes no locks that somebody would wait for
 * @returns the statements that were run, tables that no list names, which are left alone, and listed ones that are not there
 * @throws RolesError saying what is in the way; nothing is changed then
 */
export async function applyRoles(
  databaseUrl: string,
  { names = DEFAULT_ROLE_NAMES, dryRun = false }: { names?: RoleNames; dryRun?: boolean } = {},
): Promise<{ done: string[]; unlisted: string[]; absent: string[] }> {
  if (new Set(Object.values(names)).size < 3) throw new RolesError('The three roles need three names.');
  return withSession({ url: databaseUrl, applicationName: 'db:roles' }, async (client) => {
    await client.query('BEGIN');
    await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    await client.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    const done = [...(await createRoles(client, names)), ...(await grant(client, names, dryRun))];
    const { rows } = await client.query<DatabaseObject>(OBJECTS);
    const tables = rows.filter(({ kind }) => kind === 'TABLE');
    await client.query(dryRun ? 'ROLLBACK' : 'COMMIT');
    return {
      done,
      unlisted: tables.filter((table) => !isListed(table)).map(({ name }) => name),
      absent: Object.keys(TABLE_GRANTS).filter((listed) => !tables.some(({ name }) => name === listed)),
    };
  });
}

async function grant(client: Client, names: RoleNames, dryRun: boolean): Promise<string[]> {
  const done: string[] = [];
  // A dry run carries out the rest, to learn what comes of it, and takes it back: grants lock no table.
  const isOnlyPlanned = (statement: string): boolean => dryRun && statement.startsWith('ALTER TABLE ');
  // What the plan finds after it was carried out is what the database did not do, which for a grant is only a warning.
  for (let round = 0; ; round += 1) {
    const plan = await planRoles(client, names);
    const statements = plan.filter((statement) => !(isOnlyPlanned(statement) && done.includes(statement)));
    if (statements.length === 0) return done;
    if (round === MOST_ROUNDS) throw new RolesError(`Nothing came of: ${statements.join('; ')}. ${WHO}`);
    if (round === 0) done.push(...(await joinOwners(client, names)));
    for (const statement of statements) {
      try {
        if (!isOnlyPlanned(statement)) await client.query(statement);
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        throw new RolesError(`${message}: ${statement}. ${WHO}`, { cause });
      }
      done.push(statement);
    }
  }
}

/** Only members of a role may give it something to own. */
async function joinOwners(client: Client, { migrate }: RoleNames): Promise<string[]> {
  const { rows } = await client.query<{ isMember: boolean; me: string }>(
    `SELECT pg_has_role($1, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
       AND pg_has_role($1, 'USAGE') AS "isMember", current_user AS me`,
    [migrate],
  );
  const [who] = rows;
  if (who === undefined || who.isMember) return [];
  const statement = `GRANT ${escapeIdentifier(migrate)} TO ${escapeIdentifier(who.me)}`;
  try {
    await client.query(statement);
  } catch (cause) {
    throw new RolesError(`${who.me} is no member of ${migrate} and may not become one. ${WHO}`, { cause });
  }
  return [statement];
}

const MADE_BY_ANOTHER = ['42710', '23505'];
const NOT_ALLOWED = '42501';

async function createRoles(client: Client, names: RoleNames): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, position)
     WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) ORDER BY position`,
    [Object.values(names)],
  );
  const missing = rows.map(({ name }) => `CREATE ROLE ${escapeIdentifier(name)} NOLOGIN`);
  const done = [];
  for (const statement of missing) {
    await client.query('SAVEPOINT before_role');
    try {
      await client.query(statement);
      done.push(statement);
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      await client.query('ROLLBACK TO before_role');
      if (MADE_BY_ANOTHER.includes(code)) continue;
      if (code !== NOT_ALLOWED) throw cause;
      const advice = missing.map((creation) => `${creation};`).join(' ');
      throw new RolesError(`This user may not create roles. Have somebody who may run: ${advice}`, { cause });
    }
  }
  await refuseTooPowerful(client, names);
  return done;
}

/** What a role has of itself, from its owner's side or through others cannot be taken from it by grants on tables. */
async function refuseTooPowerful(client: Client, { serve, report }: RoleNames): Promise<void> {
  const { rows } = await client.query<{ found: string }>(
    `SELECT name || ' ' || array_to_string(powers, ', ') AS found FROM (
       SELECT r.rolname AS name, array_remove(ARRAY[
         CASE WHEN r.rolsuper THEN 'is a superuser' END,
         CASE WHEN r.rolcreaterole THEN 'may create roles' END,
         CASE WHEN r.rolcreatedb THEN 'may create databases' END,
         CASE WHEN r.rolreplication THEN 'may replicate' END,
         CASE WHEN r.rolbypassrls THEN 'bypasses row security' END,
         CASE WHEN d.datdba = r.oid THEN 'owns the database' END
       ] || ARRAY(SELECT 'is a member of ' || g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
           WHERE m.member = r.oid ORDER BY g.rolname), NULL) AS powers
       FROM pg_roles r, pg_database d WHERE d.datname = current_database() AND r.rolname = ANY($1)
     ) AS roles WHERE powers <> '{}' ORDER BY name`,
    [[serve, report]],
  );
  if (rows.length > 0) throw new RolesError(`More than it should: ${rows.map(({ found }) => found).join('; ')}.`);
}

/**
 * The statements that lead to what is wanted, in the order they have to be run; none when it is reached. Taking a privilege on a
 * table also takes those on its columns, so that a later plan may need some more.
 */
async function planRoles(client: Client, names: RoleNames): Promise<string[]> {
  const objects = (await client.query<DatabaseObject>(OBJECTS)).rows.filter(isListed);
  const { rows: held } = await client.query<Privilege>(PRIVILEGES, [Object.values(names)]);
  const open = await client.query(NEW_FUNCTIONS_ARE_PUBLIC, [names.migrate]);
  const roles = ['migrate', 'serve', 'report'] as const;
  const of = (object: DatabaseObject, role: keyof RoleNames) => wantedPrivileges(object, role, names[role]);
  const [around, within] = [
    objects.filter(({ owner }) => owner === null),
    objects.filter(({ owner }) => owner !== null),
  ];
  const wantedAround = roles.flatMap((role) => around.flatMap((object) => of(object, role)));
  const wantedWithin = within.flatMap((object) => roles.flatMap((role) => of(object, role)));
  // What a stranger holds, or what is held on a stranger's table, is not ours to take.
  const ours = held.filter(
    ({ on, grantee }) => grantee !== names.migrate && objects.some((object) => object.on === on),
  );
  const migrate = escapeIdentifier(names.migrate);
  return [
    // First, because an owner-to-be must be allowed to create in the schema.
    ...statementsFor('GRANT', without(wantedAround, held)),
    ...within.filter(({ owner }) => owner !== names.migrate).map(({ on }) => `ALTER ${on} OWNER TO ${migrate}`),
    ...open.rows.map(() => `ALTER DEFAULT PRIVILEGES FOR ROLE ${migrate} REVOKE EXECUTE ON FUNCTIONS FROM ${PUBLIC}`),
    // First of the two, since what a role has given away stands in the way of taking it back.
    ...statementsFor(
      'REVOKE GRANT OPTION FOR',
      ours.filter(({ grantable }) => grantable),
    ),
    ...statementsFor('REVOKE', without(ours, [...wantedAround, ...wantedWithin])),
    ...statementsFor('GRANT', without(wantedWithin, held)),
  ];
}

/** The database, the schema `public`, and what is in it but for what belongs to extensions. */
interface DatabaseObject {
  kind: 'DATABASE' | 'SCHEMA' | 'TABLE' | 'TYPE' | 'FUNCTION';
  name: string;
  /** Kind and name as SQL has them: `TABLE public.purchase`. */
  on: string;
  /** Null for database and schema, whose owner does not matter. */
  owner: string | null;
  columns: string[];
  /** Names by which the lists may know it: its own, that of the table it is a partition of, those of tables that use a type. */
  listedAs: string[];
}

/** One privilege that one grantee holds on an object, or on one column of a table. */
interface Privilege {
  on: string;
  column: string | null;
  /** A role, or `PUBLIC`. */
  grantee: string;
  privilege: string;
  /** Held with the right to give it to others. No role is wanted to have that. */
  grantable?: boolean;
}

function isListed({ kind, owner, listedAs }: DatabaseObject): boolean {
  const list = kind === 'FUNCTION' ? FUNCTION_GRANTS : TABLE_GRANTS;
  return owner === null || listedAs.some((name) => Object.hasOwn(list, name));
}

function wantedPrivileges(object: DatabaseObject, role: keyof RoleNames, grantee: string): Privilege[] {
  return Object.entries(listedPrivileges(object, role)).flatMap(([privilege, wanted]: [string, Columns]) => {
    let columns: readonly (string | null)[] = [null];
    if (wanted !== 'all') {
      columns =
        'allBut' in wanted
          ? object.columns.filter((name) => !wanted.allBut.includes(name))
          : wanted.filter((name) => object.columns.includes(name));
    }
    return columns.map((column) => ({ on: object.on, column, grantee, privilege }));
  });
}

function listedPrivileges({ kind, name }: DatabaseObject, role: keyof RoleNames): Readonly<Record<string, Columns>> {
  if (kind === 'DATABASE') return { CONNECT: 'all' };
  if (kind === 'SCHEMA') return role === 'migrate' ? { USAGE: 'all', CREATE: 'all' } : { USAGE: 'all' };
  if (role === 'migrate' || kind === 'TYPE') return {};
  if (kind === 'FUNCTION') return FUNCTION_GRANTS[name]?.[role] ? { EXECUTE: 'all' } : {};
  return { ...TABLE_GRANTS[name]?.[role] };
}

function without(privileges: readonly Privilege[], others: readonly Privilege[]): Privilege[] {
  const key = ({ on, column, grantee, privilege }: Privilege) => JSON.stringify([on, column, grantee, privilege]);
  const known = new Set(others.map(key));
  return privileges.filter((privilege) => !known.has(key(privilege)));
}

/** One statement for each object and grantee. With the right to give a privilege away goes what was given away by it. */
function statementsFor(
  verb: 'GRANT' | 'REVOKE' | 'REVOKE GRANT OPTION FOR',
  privileges: readonly Privilege[],
): string[] {
  const found = new Map<string, Map<string, string[]>>();
  for (const { on, grantee, privilege, column } of privileges) {
    const to = grantee === PUBLIC ? PUBLIC : escapeIdentifier(grantee);
    const target = `ON ${on} ${verb === 'GRANT' ? 'TO' : 'FROM'} ${to}`;
    const columns = found.get(target) ?? new Map<string, string[]>();
    const what = column === null ? privilege : `${privilege} (`;
    found.set(
      target,
      columns.set(what, [...(columns.get(what) ?? []), ...(column === null ? [] : [escapeIdentifier(column)])]),
    );
  }
  return [...found].map(([target, lists]) => {
    const list = [...lists].map(([what, columns]) => (columns.length === 0 ? what : `${what}${columns.join(', ')})`));
    return `${verb} ${list.join(', ')} ${target}${verb === 'REVOKE GRANT OPTION FOR' ? ' CASCADE' : ''}`;
  });
}

const ALL_OBJECTS = `
  WITH every AS (
    SELECT 'DATABASE' AS kind, datname AS name, quote_ident(datname) AS sql, NULL::oid AS owner, tableoid, oid,
      coalesce(datacl, acldefault('d', datdba)) AS acl, '{}'::text[] AS "listedAs"
    FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT 'SCHEMA', nspname, 'public', NULL, tableoid, oid, coalesce(nspacl, acldefault('n', nspowner)), '{}'
    FROM pg_namespace WHERE nspname = 'public'
    UNION ALL
    SELECT 'TABLE', relname, format('public.%I', relname), relowner, tableoid, oid,
      coalesce(relacl, acldefault('r', relowner)), ARRAY[coalesce(pg_partition_root(oid), oid)::regclass::text]
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL
    SELECT 'TYPE', typname, format('public.%I', typname), typowner, tableoid, oid, NULL,
      ARRAY(SELECT attrelid::regclass::text FROM pg_attribute WHERE atttypid = t.oid)
    FROM pg_type t WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
    UNION ALL
    SELECT 'FUNCTION', proname, format('public.%I(%s)', proname, pg_get_function_identity_arguments(oid)), proowner, tableoid,
      oid, coalesce(proacl, acldefault('f', proowner)), ARRAY[proname::text]
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  ), objects AS (
    SELECT *, kind || ' ' || sql AS "on" FROM every
    WHERE NOT EXISTS (SELECT FROM pg_depend WHERE classid = every.tableoid AND objid = every.oid AND deptype = 'e')
  )`;

const OBJECTS = `${ALL_OBJECTS}
  SELECT kind, name, "on", pg_get_userbyid(owner) AS owner, "listedAs", ARRAY(
    SELECT attname::text FROM pg_attribute WHERE attrelid = oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum) AS columns
  FROM objects ORDER BY kind = 'FUNCTION', kind, name`;

/** What the three roles and everybody hold. */
const PRIVILEGES = `${ALL_OBJECTS}, acls AS (
    SELECT kind, sql, "on", NULL::text AS "column", acl FROM objects
    UNION ALL
    SELECT kind, sql, "on", attname, attacl
    FROM objects JOIN pg_attribute ON attrelid = oid WHERE kind = 'TABLE' AND NOT attisdropped
  )
  SELECT "on", "column", CASE grantee WHEN 0 THEN '${PUBLIC}' ELSE pg_get_userbyid(grantee)::text END AS grantee,
    privilege_type AS privilege, bool_or(is_grantable) AS grantable
  FROM acls, aclexplode(acl) WHERE grantee = 0 OR pg_get_userbyid(grantee) = ANY($1)
  GROUP BY kind, sql, "on", "column", aclexplode.grantee, privilege_type
  ORDER BY kind, sql, grantee, privilege, "column"`;

/** Answers with a row when everybody may call the functions that the migrating role will make. */
const NEW_FUNCTIONS_ARE_PUBLIC = `
  SELECT WHERE NOT EXISTS (
    SELECT FROM pg_default_acl WHERE pg_get_userbyid(defaclrole) = $1 AND defaclnamespace = 0 AND defaclobjtype = 'f'
      AND NOT EXISTS (SELECT FROM aclexplode(defaclacl) WHERE grantee = 0))`;
