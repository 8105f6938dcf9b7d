// Makes the three database roles and gives each what it may do, in one transaction; what is right already stays untouched.
import { DatabaseError, escapeIdentifier, type Client } from 'pg';
import { columnsOf, DEFAULT_ROLE_NAMES, LISTED_TABLES, ROLE_GRANTS, type RoleNames } from './role-grants.js';
import { withSession } from './session.js';

// Arbitrary; it keeps two runs on one database apart.
const ADVISORY_LOCK = 7_270_737;
const MOST_ROUNDS = 3;
// Changing an owner waits for the statements that use a table, and the statements that come later wait for it.
const LOCK_TIMEOUT = '10s';
const WHO = "It takes the database's owner, who also owns its tables, or a superuser.";

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
    const tables = (await readObjects(client)).filter(({ kind }) => kind === 'TABLE');
    await client.query(dryRun ? 'ROLLBACK' : 'COMMIT');
    return {
      done,
      unlisted: tables.filter(({ isListed }) => !isListed).map(({ name }) => name),
      absent: LISTED_TABLES.filter((listed) => !tables.some(({ name }) => name === listed)),
    };
  });
}

const MADE_BY_ANOTHER = ['42710', '23505'];
const NOT_ALLOWED = '42501';

async function createRoles(client: Client, names: RoleNames): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS name WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)`,
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
      const { code = '' } = cause instanceof DatabaseError ? cause : {};
      if (code === NOT_ALLOWED) {
        const advice = missing.map((creation) => `${creation};`).join(' ');
        throw new RolesError(`This user may not create roles. Have somebody who may run: ${advice}`, { cause });
      }
      // Roles belong to all databases of a server, and the lock to one.
      if (!MADE_BY_ANOTHER.includes(code)) throw cause;
      await client.query('ROLLBACK TO before_role');
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

async function grant(client: Client, names: RoleNames, dryRun: boolean): Promise<string[]> {
  const done: string[] = [];
  // A dry run carries out the rest, to learn what comes of it, and takes it back: grants lock no table.
  const isOnlyPlanned = (statement: string): boolean => dryRun && statement.startsWith('ALTER TABLE ');
  // Taking a privilege on a table takes those on its columns too, which the next round gives back. What is planned again and
  // again is what the database does not do, which for a grant is only a warning.
  for (let round = 0; ; round += 1) {
    const plan = await planRoles(client, names);
    const statements = plan.filter((statement) => !(isOnlyPlanned(statement) && done.includes(statement)));
    if (statements.length === 0) return done;
    if (round === MOST_ROUNDS) throw new RolesError(`Nothing came of: ${statements.join('; ')}. ${WHO}`);
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

/** The statements that lead to what is wanted, in the order they have to be run; none when it is reached. */
async function planRoles(client: Client, names: RoleNames): Promise<string[]> {
  const migrate = escapeIdentifier(names.migrate);
  const statements = (await readObjects(client)).flatMap((object) => statementsFor(object, names));
  const { rows } = await client.query<{ me: string; isMember: boolean; isClosed: boolean }>(STANDING, [names.migrate]);
  for (const { me, isMember, isClosed } of rows) {
    if (!isClosed) {
      statements.push(`ALTER DEFAULT PRIVILEGES FOR ROLE ${migrate} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC`);
    }
    // Only members of a role may give it something to own.
    if (!isMember && statements.length > 0) statements.unshift(`GRANT ${migrate} TO ${escapeIdentifier(me)}`);
  }
  return statements;
}

/** What is held beyond what is wanted is taken, and what is missing is given. What nobody has listed is left alone. */
function statementsFor(object: DatabaseObject, names: RoleNames): string[] {
  const { on, owner, held, isListed } = object;
  if (!isListed) return [];
  const statements: string[] = [];
  for (const role of ['migrate', 'serve', 'report', undefined] as const) {
    const name = role === undefined ? null : names[role];
    const grantee = name === null ? 'PUBLIC' : escapeIdentifier(name);
    const wanted = role === undefined ? [] : wantedPrivileges(object, role);
    const has = held.filter((privilege) => privilege.grantee === name);
    // No role is wanted to give its privileges away. What was given away goes with the right to.
    const excess = has.filter(({ what, isGrantable }) => isGrantable || !wanted.includes(what));
    const missing = wanted.filter((what) => !has.some((privilege) => privilege.what === what));
    if (excess.length > 0 && role !== 'migrate') {
      statements.push(`REVOKE ${excess.map(({ what }) => what).join(', ')} ON ${on} FROM ${grantee} CASCADE`);
    }
    if (missing.length > 0) statements.push(`GRANT ${missing.join(', ')} ON ${on} TO ${grantee}`);
  }
  if (owner !== null && owner !== names.migrate) {
    statements.push(`ALTER ${on} OWNER TO ${escapeIdentifier(names.migrate)}`);
  }
  return statements;
}

/** As `Privilege.what`. */
function wantedPrivileges({ kind, name, columns }: DatabaseObject, role: keyof RoleNames): string[] {
  if (kind === 'DATABASE') return ['CONNECT'];
  if (kind === 'SCHEMA') return role === 'migrate' ? ['USAGE', 'CREATE'] : ['USAGE'];
  if (kind === 'TYPE' || role === 'migrate') return [];
  return Object.entries(ROLE_GRANTS[name]?.[role] ?? {}).map(([privilege, on]) =>
    on === 'all' ? privilege : `${privilege} (${columnsOf(on, columns).map(escapeIdentifier).join(', ')})`,
  );
}

/** The database, the schema `public`, and what is in it but for what belongs to extensions. */
interface DatabaseObject {
  readonly kind: 'DATABASE' | 'SCHEMA' | 'TABLE' | 'TYPE' | 'FUNCTION';
  readonly name: string;
  /** Kind and name as SQL has them: `TABLE public.purchase`. */
  readonly on: string;
  /** Null for database and schema, whose owner does not matter. */
  readonly owner: string | null;
  readonly columns: readonly string[];
  /** Whether the list has it, the table that it is a partition of, or one that uses the type. */
  readonly isListed: boolean;
  readonly held: readonly Privilege[];
}

/** A privilege that somebody holds on an object. */
interface Privilege {
  /** A role; null for everybody. */
  readonly grantee: string | null;
  /** `SELECT`, or `SELECT ("id", "title")`. */
  readonly what: string;
  /** Held with the right to give it to others. */
  readonly isGrantable: boolean;
}

async function readObjects(client: Client): Promise<DatabaseObject[]> {
  const { rows } = await client.query<DatabaseObject>(OBJECTS, [Object.keys(ROLE_GRANTS)]);
  return rows;
}

// In the order in which privileges are to be given: an owner-to-be must be allowed to create in the schema.
const OBJECTS = `
  WITH every AS (
    SELECT 'DATABASE' AS kind, datname AS name, quote_ident(datname) AS sql, NULL::oid AS owner, tableoid, oid,
      coalesce(datacl, acldefault('d', datdba)) AS acl, $1::text[] AS "listedAs"
    FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT 'SCHEMA', nspname, 'public', NULL, tableoid, oid, coalesce(nspacl, acldefault('n', nspowner)), $1
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
  ), attributes AS (
    SELECT attrelid, attnum, attname::text, '"' || replace(attname, '"', '""') || '"' AS quoted, attacl
    FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped
  ), held AS (
    SELECT tableoid, every.oid, grantee, privilege_type AS what, is_grantable FROM every, aclexplode(acl)
    UNION ALL
    SELECT tableoid, every.oid, grantee, format('%s (%s)', privilege_type, string_agg(quoted, ', ' ORDER BY attnum)),
      bool_or(is_grantable)
    FROM every JOIN attributes ON kind = 'TABLE' AND attrelid = oid, aclexplode(attacl)
    GROUP BY tableoid, every.oid, grantee, privilege_type
  )
  SELECT kind, name, kind || ' ' || sql AS "on", pg_get_userbyid(owner) AS owner, "listedAs" && $1 AS "isListed",
    ARRAY(SELECT attname FROM attributes WHERE kind = 'TABLE' AND attrelid = oid ORDER BY attnum) AS columns,
    (SELECT coalesce(json_agg(json_build_object('what', what, 'isGrantable', is_grantable,
         'grantee', CASE WHEN grantee > 0 THEN pg_get_userbyid(grantee) END) ORDER BY what), '[]')
     FROM held WHERE held.tableoid = every.tableoid AND held.oid = every.oid) AS held
  FROM every
  WHERE NOT EXISTS (SELECT FROM pg_depend WHERE classid = every.tableoid AND objid = every.oid AND deptype = 'e')
  ORDER BY array_position('{DATABASE,SCHEMA,TABLE,TYPE,FUNCTION}', kind), name`;

/** Who does this, and whether new functions of the migrating role can be called by nobody but itself. */
const STANDING = `
  SELECT current_user AS me, pg_has_role($1, 'USAGE')
      AND pg_has_role($1, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) AS "isMember",
    EXISTS (SELECT FROM pg_default_acl WHERE pg_get_userbyid(defaclrole) = $1 AND defaclnamespace = 0 AND defaclobjtype = 'f'
      AND NOT EXISTS (SELECT FROM aclexplode(defaclacl) WHERE grantee = 0)) AS "isClosed"`;
