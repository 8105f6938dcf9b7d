// What stands between this process and Postgres, by the codes of the system and of Postgres.
import { DatabaseUnavailableError } from '@app/database';

/** What happened, and what to do. */
export interface Fault {
  found: string;
  advice: string;
}

const REACH =
  'See that DATABASE_URL names the right host and port, that Postgres runs, and that a NetworkPolicy lets this process through.';

const FAULTS: readonly (readonly [pattern: RegExp, fault: Fault])[] = [
  [
    /^(?:28|AuthenticationFailed)/,
    {
      found: 'it refuses user or password',
      advice: 'See the user of DATABASE_URL, and DATABASE_PASSWORD or the password of DATABASE_URL.',
    },
  ],
  [
    /^(?:3D|DatabaseDoesNotExist)/,
    { found: 'it has no database of this name', advice: 'See the name at the end of DATABASE_URL.' },
  ],
  [
    /^(?:53|TooManyConnections)/,
    {
      found: 'it has no connection free',
      advice: 'Raise max_connections of Postgres, or lower DATABASE_POOL_SIZE or the number of replicas.',
    },
  ],
  [/^57/, { found: 'it is starting, stopping, or cancelled the statement', advice: 'Try again in a moment.' }],
  [/^ECONNREFUSED|^DatabaseNotReachable/, { found: 'nobody listens at the address of DATABASE_URL', advice: REACH }],
  [
    /^(?:ENOTFOUND|EAI_AGAIN)/,
    {
      found: 'the host of DATABASE_URL has no address',
      advice: 'See the host in DATABASE_URL, and the DNS of this machine or pod.',
    },
  ],
  [
    /^42P01/,
    {
      found: 'the tables are not there',
      advice: 'Apply the migrations: `node dist/scripts/db-migrate.js` with a user who may change the schema.',
    },
  ],
  [
    /^42501/,
    {
      found: 'its user may not do this',
      advice: 'Make the user of DATABASE_URL a member of the serving role: `entitlementctl doctor --only database`.',
    },
  ],
];

/** What a database error comes to; undefined for one that is no matter of the deployment. Nothing of its texts is repeated. */
export function databaseFault(error: unknown): Fault | undefined {
  const code = codeOf(error);
  const known = code === undefined ? undefined : FAULTS.find(([pattern]) => pattern.test(code))?.[1];
  const suffix = code === undefined ? '' : ` (${code})`;
  if (known !== undefined) return { found: `${known.found}${suffix}`, advice: known.advice };
  if (!(error instanceof DatabaseUnavailableError)) return undefined;
  return { found: `it does not answer in time, or the connection broke${suffix}`, advice: REACH };
}

/** The first code among an error and its causes: Prisma's adapter keeps Postgres' own. */
function codeOf(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth += 1) {
    const { code, meta } = at as { code?: unknown; meta?: AdapterMeta };
    const cause = meta?.driverAdapterError?.cause;
    const found = cause?.originalCode ?? cause?.kind;
    if (found !== undefined) return found;
    // Prisma's and the problem documents' own codes say less than what lies below them.
    if (typeof code === 'string' && /^(?:E[A-Z_]+|[0-9A-Z]{5})$/.test(code) && !/^P\d{4}$/.test(code)) return code;
  }
  return undefined;
}

interface AdapterMeta {
  driverAdapterError?: { cause?: { originalCode?: string; kind?: string } };
}
