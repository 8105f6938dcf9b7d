// Makes the roles that are not there. They belong to the whole server, so another database's run may be making them too.
import { escapeIdentifier, type Client } from 'pg';
import type { RoleNames } from './role-grants.js';
import { RolesError } from './roles.error.js';

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
