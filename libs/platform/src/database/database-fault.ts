// What is wrong when Postgres cannot be used: one list for service, health, import and command line.
import { DomainError } from '@app/platform/problems';
import { DatabaseError } from 'pg';

/**
 * What may help.
 * - `connection`: another connection
 * - `conflict`: the same again, for Postgres has taken all of it back
 * - `read-only`: another server, which other connections may lead to
 * - `operator`: somebody has to do something
 * - `session`: another configuration of what is between here and Postgres
 */
export type FaultKind = 'connection' | 'conflict' | 'read-only' | 'operator' | 'session';

/** What is wrong, in words that repeat nothing of Postgres's own. */
export interface DatabaseFault {
  readonly kind: FaultKind;
  readonly found: string;
  /** What to do about it. */
  readonly advice: string;
  /** SQLSTATE, or the code of Node or OpenSSL. */
  readonly code?: string;
}

const REACH =
  'See that DATABASE_URL names the right host and port, that Postgres runs, and that a NetworkPolicy lets this process through.';
const RIGHTS =
  "Run `node dist/scripts/db-roles.js` as the database's owner, and have the user of DATABASE_URL in the serving role.";
const MIGRATE = 'Apply the migrations: `node dist/scripts/db-migrate.js` with a user who may change the schema.';
const AGAIN = 'Try again in a moment.';

type Row = readonly [code: RegExp, kind: FaultKind, found: string, advice: string];

// SQLSTATE classes (appendix A of Postgres's manual), codes of Node's sockets and resolver, and those of OpenSSL.
const FAULTS: readonly Row[] = [
  [
    /^08P01/,
    'connection',
    'a pooler refused the connection, or what it said makes no sense',
    "See user, password and name of the database; the pooler's own log says which. It cannot be in statement mode.",
  ],
  [/^08/, 'connection', 'the connection broke or was refused', REACH],
  [
    /^PASSWORD/,
    'connection',
    'it asks for a password, and there is none',
    'See DATABASE_PASSWORD, whose file may be missing or empty, or the password in DATABASE_URL.',
  ],
  [
    /^POOL/,
    'connection',
    'all connections of this process are in use',
    'See what is slow or locked in pg_stat_activity, and DATABASE_POOL_SIZE.',
  ],
  [
    /^25006/,
    'read-only',
    'it takes no writes',
    'It is a standby, or set read-only: have DATABASE_URL lead to the primary.',
  ],
  [/^25P0[34]/, 'connection', 'a transaction was idle for too long', 'See the load of this process.'],
  [
    /^28/,
    'connection',
    'it refuses user or password',
    'See the user of DATABASE_URL, and DATABASE_PASSWORD or the password of DATABASE_URL.',
  ],
  [/^3D/, 'operator', 'it has no database of this name', 'See the name at the end of DATABASE_URL.'],
  [/^40/, 'conflict', 'it took the statement back for another one', AGAIN],
  [/^42501/, 'operator', 'its user may not do this', RIGHTS],
  [
    /^(42(P01|703|704|883)|3F000)/,
    'operator',
    'the tables are not there (in the schema public), or not those of this version',
    MIGRATE,
  ],
  [
    /^53300/,
    'connection',
    'it has no connection free',
    'Raise max_connections of Postgres or the CONNECTION LIMIT of the user, or lower DATABASE_POOL_SIZE or the number of replicas.',
  ],
  [/^53/, 'operator', 'its disk or memory is full', 'Give it room.'],
  [/^55P03/, 'operator', 'a lock was not to be had in time', 'See who holds it, in pg_locks.'],
  [
    /^57014/,
    'operator',
    'it did not answer in time, or somebody cancelled the statement',
    'See its load, and pg_locks.',
  ],
  [/^57/, 'connection', 'it is starting, stopping, or has ended the connection', AGAIN],
  [/^(58|XX|F0)/, 'operator', 'it reports a fault of its own or of its disk', 'See the log of Postgres.'],
  [
    /^PARTITION/,
    'operator',
    'the ledger has no partition for this month',
    'Run `ledger:maintain` as the owner of the tables.',
  ],
  [/^ECONNREFUSED/, 'connection', 'nobody listens at the address of DATABASE_URL', REACH],
  [/^ENOENT/, 'connection', 'a socket or certificate file that DATABASE_URL names is not there', REACH],
  [
    /^(ENOTFOUND|EAI_)/,
    'connection',
    'the host of DATABASE_URL has no address',
    'See the host in DATABASE_URL, and the DNS of this machine or pod.',
  ],
  [
    /^(TLS|ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_CA)|SSL/,
    'connection',
    'TLS with it fails, or it offers none',
    'See PGSSLMODE and sslmode, the certificate of the server or pooler, and sslrootcert in DATABASE_URL or NODE_EXTRA_CA_CERTS for a CA of your own.',
  ],
];
/** Words of this file for what has no code. */
const OURS: ReadonlySet<string> = new Set(['PARTITION', 'TLS', 'PASSWORD', 'POOL']);
const SILENT: Row = [/^/, 'connection', 'it does not answer in time, or the connection broke', REACH];

/**
 * Postgres cannot be used now; trying again later may help. `found` and `advice` are for the log and for operators, `problem`
 * is what a caller is told. It has no `code`: Prisma passes on as they are only errors without one.
 */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
  readonly found: string;
  readonly advice: string;

  /** @param mayBeStored whether a write that this is the answer to may have been, or may still be, carried out */
  constructor(
    readonly fault: DatabaseFault,
    readonly mayBeStored: boolean,
    cause?: unknown,
  ) {
    const found = fault.code === undefined ? fault.found : `${fault.found} (${fault.code})`;
    super(`The database cannot be used: ${found}. ${fault.advice}`, cause === undefined ? undefined : { cause });
    this.found = found;
    this.advice = fault.advice;
  }

  /** In the words of the problem documents. */
  get problem(): DomainError {
    const detail = this.mayBeStored
      ? 'The entitlement database did not answer in time. What was asked may have been stored; asking again does no harm.'
      : 'The entitlement database cannot be used at the moment.';
    return new DomainError('service-unavailable', detail, { retryAfterSeconds: 2, cause: this });
  }
}

/**
 * What an error of node-postgres says of the database's state.
 * @param lost whether the connection that it came on is gone, or was never there
 * @returns undefined for an error of the statement itself
 */
export function databaseFault(error: unknown, lost: true): DatabaseFault;
export function databaseFault(error: unknown, lost: boolean): DatabaseFault | undefined;
export function databaseFault(error: unknown, lost: boolean): DatabaseFault | undefined {
  const code = codeOf(error);
  const row = code === undefined ? undefined : FAULTS.find(([pattern]) => pattern.test(code));
  if (row === undefined && !lost) return undefined;
  const [, kind, found, advice] = row ?? SILENT;
  return code === undefined || OURS.has(code) ? { kind, found, advice } : { kind, found, advice, code };
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // Postgres has no code of its own for this one; only a missing partition is a broken check without a constraint.
  if (error instanceof DatabaseError && error.code === '23514' && error.constraint === undefined) return 'PARTITION';
  // node-postgres and its pool have no codes for these.
  if (!('code' in error)) {
    if (/\bSSL\b/.test(error.message)) return 'TLS';
    if (/password must be a/.test(error.message)) return 'PASSWORD';
    if (/timeout exceeded when trying to connect/.test(error.message)) return 'POOL';
  }
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  const { code } = (first ?? error) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
