// Makes the three database roles and gives each what it may do, in one transaction; what is right already stays untouched.
import { escapeIdentifier, type Client } from 'pg';
import { createRoles } from './create-roles.js';
import { DEFAULT_ROLE_NAMES, type RoleNames } from './role-grants.js';
import { absentTables, planRoles, unlistedTables } from './role-plan.js';
import { readRoleState } from './role-state.js';
import { withSession } from '../session.js';
import { RolesError } from './roles.error.js';

/** What is wanted. */
export interface RolesWanted {
  names?: RoleNames;
  /** Only tell what would be done. Nobody waits for that: the locks on tables that a change of owner takes are not taken. */
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
  const isOnlyTold = (statement: string): boolean => dryRun && LOCKS_A_TABLE.test(statement);
  // What the plan finds after it was carried out is what the database did not do, which for a grant is only a warning.
  for (let round = 0; ; round += 1) {
    const plan = planRoles(await readRoleState(client, names), names);
    const statements = plan.filter((statement) => !(isOnlyTold(statement) && done.includes(statement)));
    if (statements.length === 0) return done;
    if (round === MOST_ROUNDS) throw new RolesError(`Nothing came of: ${statements.join('; ')}. ${WHO}`);
    if (round === 0) done.push(...(await joinOwners(client, names)));
    for (const statement of statements) {
      try {
        if (!isOnlyTold(statement)) await client.query(statement);
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
