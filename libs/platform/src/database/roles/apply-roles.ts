// Makes the three database roles and gives each what it may do, in one transaction; what is right already stays untouched.
import { escapeIdentifier, type Client } from 'pg';
import { DEFAULT_ROLE_NAMES, type RoleNames } from './role-grants.js';
import { absentTables, planRoles, unlistedTables, readRoleState } from './role-plan.js';
import { withSession } from '../session.js';

/** What is wanted. */
export interface RolesWanted {
  names?: RoleNames;
  /** Only say what would be done. Nobody waits for that: the locks on tables that a change of owner takes are not taken. */
  dryRun?: boolean;
}

/** What was done, or, in a dry run, would be. */
export interface RolesReport {
  /** The statements that were run, in their order; none when all was right. */
  done: string[];
  /** Tables that no list names: nobody but their owner was given anything. */
  unlisted: string[];
  /** Tables that are listed and not there; the roles have to be applied again once the migrations are. */
  absent: string[];
}

// Arbitrary; it keeps two runs on one database apart.
const ADVISORY_LOCK = 7_270_737;
const MOST_ROUNDS = 3;
// Changing an owner waits for the statements that use a table, and the statements that come later wait for it.
const LOCK_TIMEOUT = '10s';

/**
 * Applies the lists of `role-grants.ts` to a database.
 * @param databaseUrl connection string of the database's owner who may create roles, of a superuser, or, where roles and
 * database have been dealt with before, of a member of the migrating role
 * @throws RolesError saying what is in the way; nothing is changed then
 */
export async function applyRoles(databaseUrl: string, wanted: RolesWanted = {}): Promise<RolesReport> {
  const names = wanted.names ?? DEFAULT_ROLE_NAMES;
  if (new Set(Object.values(names)).size < 3) throw new RolesError('The three roles need three names.');
  return withSession({ url: databaseUrl, applicationName: 'db:roles' }, async (client) => {
    await client.query('BEGIN');
    await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    await client.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    const done = [...(await createRoles(client, names)), ...(await grant(client, names, wanted.dryRun === true))];
    const state = await readRoleState(client, names);
    await client.query(wanted.dryRun === true ? 'ROLLBACK' : 'COMMIT');
    return { done, unlisted: unlistedTables(state), absent: absentTables(state) };
  });
}

async function grant(client: Client, names: RoleNames, dryRun: boolean): Promise<string[]> {
  const done: string[] = [];
  // A dry run carries out the rest, to learn what comes of it, and takes it back: grants lock no table.
  const isOnlyPlanned = (statement: string): boolean => dryRun && LOCKS_A_TABLE.test(statement);
  // What the plan finds after it was carried out is what the database did not do, which for a grant is only a warning.
  for (let round = 0; ; round += 1) {
    const plan = planRoles(await readRoleState(client, names), names);
    const statements = plan.filter((statement) => !(isOnlyPlanned(statement) && done.includes(statement)));
    if (statements.length === 0) return done;
    if (round === MOST_ROUNDS) throw new RolesError(`Nothing came of: ${statements.join('; ')}. ${WHO}`);
    if (round === 0) done.push(...(await joinOwners(client, names)));
    for (const statement of statements) {
      try {
        if (!isOnlyPlanned(statement)) await client.query(statement);
      } catch (cause) {
        throw new RolesError(`${cause instanceof Error ? cause.message : String(cause)}: ${statement}. ${WHO}`, {
          cause,
        });
      }
      done.push(statement);
    }
  }
}

const LOCKS_A_TABLE = /^ALTER TABLE /;
const WHO = "It takes the database's owner, who also owns its tables, or a superuser.";

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

/**
 * @returns the statements that were run
 * @throws RolesError when roles are missing and this user may not make them, or when one of them may do too much already
 */
export async function createRoles(client: Client, names: RoleNames): Promise<string[]> {
  const missing = await missingRoles(client, names);
  const done = [];
  for (const statement of missing.map(creation)) if (await create(client, statement, missing)) done.push(statement);
  await refuseTooPowerful(client, names);
  return done;
}

async function missingRoles(client: Client, names: RoleNames): Promise<string[]> {
  const wanted = Object.values(names) as string[];
  const { rows } = await client.query<{ name: string }>(
    'SELECT rolname AS name FROM pg_roles WHERE rolname = ANY($1)',
    [wanted],
  );
  const present = new Set(rows.map(({ name }) => name));
  return wanted.filter((name) => !present.has(name));
}

function creation(name: string): string {
  return `CREATE ROLE ${escapeIdentifier(name)} NOLOGIN`;
}

async function create(client: Client, statement: string, missing: readonly string[]): Promise<boolean> {
  await client.query('SAVEPOINT before_role');
  try {
    await client.query(statement);
    return true;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    await client.query('ROLLBACK TO before_role');
    if (MADE_BY_ANOTHER.includes(code)) return false;
    if (code !== NOT_ALLOWED) throw cause;
    throw new RolesError(
      `This user may not create roles. Have somebody who may run: ${missing.map((name) => `${creation(name)};`).join(' ')}`,
      { cause },
    );
  }
}

/** What a role has of itself, from its owner's side or through others cannot be taken from it by grants on tables. */
async function refuseTooPowerful(client: Client, { serve, report }: RoleNames): Promise<void> {
  const { rows } = await client.query<{ name: string; powers: string[] }>(
    `SELECT r.rolname AS name, array_remove(ARRAY[
        CASE WHEN r.rolsuper THEN 'is a superuser' END,
        CASE WHEN r.rolcreaterole THEN 'may create roles' END,
        CASE WHEN r.rolcreatedb THEN 'may create databases' END,
        CASE WHEN r.rolreplication THEN 'may replicate' END,
        CASE WHEN r.rolbypassrls THEN 'bypasses row security' END,
        CASE WHEN d.datdba = r.oid THEN 'owns the database' END
      ] || ARRAY(SELECT 'is a member of ' || g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
          WHERE m.member = r.oid ORDER BY g.rolname), NULL) AS powers
     FROM pg_roles r, pg_database d WHERE d.datname = current_database() AND r.rolname = ANY($1) ORDER BY r.rolname`,
    [[serve, report]],
  );
  const found = rows
    .filter(({ powers }) => powers.length > 0)
    .map(({ name, powers }) => `${name} ${powers.join(', ')}`);
  if (found.length > 0) throw new RolesError(`More than it should: ${found.join('; ')}.`);
}

/** Says what the database refused, or which role has more than can be taken from it. */
export class RolesError extends Error {
  override readonly name = 'RolesError';
}
