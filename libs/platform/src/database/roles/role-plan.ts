// What has to be said to the database so that owners and privileges become those of `role-grants.ts`.
import { escapeIdentifier } from 'pg';
import { FUNCTION_GRANTS, TABLE_GRANTS, type Columns, type RoleNames } from './role-grants.js';
import { PUBLIC, type Privilege, type RoleState, type Table } from './role-state.js';

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
