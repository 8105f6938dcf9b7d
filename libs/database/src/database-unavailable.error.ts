// Tells "Postgres cannot be asked now" apart from every other database error.
import { DomainError } from '@app/problems';

/** Postgres did not answer, or not in time; trying again later may help. */
export class DatabaseUnavailableError extends DomainError {
  constructor(cause: unknown) {
    super('service-unavailable', 'The entitlement database does not answer at the moment.', {
      retryAfterSeconds: 2,
      cause,
    });
  }
}

// Kinds of @prisma/adapter-pg's errors.
const UNAVAILABLE_KINDS = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'AuthenticationFailed',
]);
// SQLSTATE: connection exceptions, authorisation (a password that is being changed), insufficient resources, operator
// intervention (shutdown, start-up, statement timeout).
const UNAVAILABLE_SQLSTATE = /^(08|28|53|57)/;
// node-postgres has no codes for these.
const UNAVAILABLE_WORDS =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client was closed/;

/** Whether an error of Prisma, its adapter or node-postgres means that the database cannot be asked now. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { meta, code } = error as { meta?: { driverAdapterError?: { cause?: AdapterCause } }; code?: unknown };
  const cause = meta?.driverAdapterError?.cause ?? (error.cause as AdapterCause | undefined);
  if (cause?.kind !== undefined && UNAVAILABLE_KINDS.has(cause.kind)) return true;
  const sqlState = cause?.originalCode ?? code;
  if (typeof sqlState === 'string' && (UNAVAILABLE_SQLSTATE.test(sqlState) || sqlState === 'ECONNREFUSED')) return true;
  return UNAVAILABLE_WORDS.test(error.message);
}

interface AdapterCause {
  kind?: string;
  originalCode?: string;
}
