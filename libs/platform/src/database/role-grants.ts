// Who may do what on the database: the three roles and every privilege they are given. What is not listed is refused.

/** The roles of a deployment. They are groups that nobody logs in as; login users are made their members. */
export interface RoleNames {
  /** Owns tables, types and functions, and so may change the schema and drop months of the ledger. */
  migrate: string;
  /** The service itself. */
  serve: string;
  /** Reads the ledger, purchases and titles; sees no key. */
  report: string;
}

/** The names used where no others are given. */
export const DEFAULT_ROLE_NAMES: RoleNames = {
  migrate: 'entitlement_migrate',
  serve: 'entitlement_serve',
  report: 'entitlement_report',
};

/** On which columns of a table: all, those listed, or all but those listed. */
type Columns = 'all' | readonly string[] | { allBut: readonly string[] };

/** What a role may do with a table or a function. */
type Privileges = Readonly<Partial<Record<'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'EXECUTE', Columns>>>;

const NOTHING: Privileges = {};
const READ: Privileges = { SELECT: 'all' };

/**
 * By table and function. Partitions of the ledger have no entry and need none: rows are read and written through `issuance`,
 * where the privileges on `issuance` count, and a partition itself is closed to everyone but its owner.
 */
export const ROLE_GRANTS: Readonly<
  Record<string, { readonly kind?: 'table' | 'function'; readonly serve: Privileges; readonly report: Privileges }>
> = {
  // The store's side replaces policies, titles and keys; it removes none but a title's keys, and gives none to another title.
  output_policy: {
    serve: { SELECT: 'all', INSERT: 'all', UPDATE: { allBut: ['name', 'created_at'] } },
    report: NOTHING,
  },
  content: {
    serve: { SELECT: 'all', INSERT: 'all', UPDATE: { allBut: ['id', 'created_at'] } },
    report: { SELECT: ['id', 'title', 'available_from', 'withdrawn_at', 'created_at', 'updated_at'] },
  },
  content_key: {
    serve: { SELECT: 'all', INSERT: 'all', UPDATE: { allBut: ['content_id', 'created_at'] }, DELETE: 'all' },
    report: NOTHING,
  },
  // A purchase ends by being revoked; its row stays, because the ledger refers to it.
  purchase: {
    serve: { SELECT: 'all', INSERT: 'all', UPDATE: { allBut: ['id', 'external_id', 'created_at'] } },
    report: READ,
  },
  early_revocation: {
    serve: { SELECT: 'all', INSERT: 'all', UPDATE: { allBut: ['external_id'] }, DELETE: 'all' },
    report: READ,
  },
  // The ledger only grows.
  issuance: { serve: { SELECT: 'all', INSERT: 'all' }, report: READ },
  token_reservation: { serve: { SELECT: 'all', INSERT: 'all', DELETE: 'all' }, report: NOTHING },
  // Readiness asks which migrations are applied.
  _prisma_migrations: { serve: { SELECT: ['migration_name', 'finished_at', 'rolled_back_at'] }, report: NOTHING },
  reserve_token: { kind: 'function', serve: { EXECUTE: 'all' }, report: NOTHING },
  end_reservations: { kind: 'function', serve: { EXECUTE: 'all' }, report: NOTHING },
  ensure_ledger_partitions: { kind: 'function', serve: NOTHING, report: NOTHING },
  // Triggers call theirs without being granted anything.
  refuse_first_play_change: { kind: 'function', serve: NOTHING, report: NOTHING },
  refuse_ledger_change: { kind: 'function', serve: NOTHING, report: NOTHING },
};

/** The tables that the roles are given something on. */
export const LISTED_TABLES = Object.keys(ROLE_GRANTS).filter((name) => ROLE_GRANTS[name]?.kind === undefined);

/** What the serving role is given: with its columns on a table, without on a function. */
export const SERVING_GRANTS = Object.entries(ROLE_GRANTS).flatMap(([object, { kind, serve }]) =>
  Object.entries(serve).map(([privilege, columns]) => ({
    object,
    privilege,
    ...(kind === 'function' ? {} : { columns }),
  })),
);

/** Which of a table's columns are meant. */
export function columnsOf(columns: Exclude<Columns, 'all'>, present: readonly string[]): string[] {
  return present.filter((name) => ('allBut' in columns ? !columns.allBut.includes(name) : columns.includes(name)));
}
