// Whether Postgres can be reached, how fast it answers, and whether this user may do what the service does.
import { DatabaseUnavailableError, type PrismaService } from '@app/platform/database';
import { withDatabase } from '../context.js';
import { type Check, type CheckContext, DATABASE_VARIABLES, failed, type Finding, ok, warning } from './check.js';
import { DatabaseStateRepository } from './database-state.repository.js';

const SLOW_MS = 100;
const PINGS = 5;

export const databaseCheck: Check = {
  name: 'database',
  summary: 'Postgres of DATABASE_URL',
  needs: DATABASE_VARIABLES,
  run: (context) =>
    asking(context, 'Postgres of DATABASE_URL', async (state) => [await latency(state), ...(await rights(state))]),
};

/** Gives a check a connection that only reads. @throws DatabaseUnavailableError */
export function readDatabase<T>(
  { environment, timeoutMs }: CheckContext,
  work: (state: DatabaseStateRepository, prisma: PrismaService) => Promise<T>,
): Promise<T> {
  const session = { timeoutMs: Math.min(timeoutMs, environment.DATABASE_TIMEOUT_MS), poolSize: 1, readOnly: true };
  return withDatabase(environment, session, (prisma) => work(new DatabaseStateRepository(prisma), prisma));
}

/** Gives a check the database; that it cannot be asked is a finding. */
export async function asking(
  context: CheckContext,
  looked: string,
  work: (state: DatabaseStateRepository, prisma: PrismaService) => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await readDatabase(context, work);
  } catch (error) {
    // Whatever else goes wrong is no matter of the deployment.
    if (error instanceof DatabaseUnavailableError) return [failed(looked, error.found, error.advice)];
    throw error;
  }
}

async function latency(state: DatabaseStateRepository): Promise<Finding> {
  const { role, version, writable } = await state.server();
  const times: number[] = [];
  for (let ping = 0; ping < PINGS; ping += 1) {
    const began = performance.now();
    await state.time();
    times.push(performance.now() - began);
  }
  // The shortest: the others tell of this machine being busy.
  const shortest = Math.min(...times);
  const found = `PostgreSQL ${version} answers in ${shortest.toFixed(1)} ms (best of ${PINGS}), as ${role}`;
  if (!writable) {
    const advice = 'It is a standby, or set read-only: have DATABASE_URL lead to the primary.';
    return failed('connection', `${found}, and takes no writes`, advice);
  }
  if (shortest <= SLOW_MS) return ok('connection', found);
  const advice = `Every token waits for Postgres twice: more than ${SLOW_MS} ms is much. See the network and the load of the server.`;
  return warning('connection', found, advice);
}

const APPLY_ROLES =
  "Run `npm run db:roles` (in the image: `node dist/scripts/db-roles.js`) as the database's owner, and make this user a member " +
  'of entitlement_serve.';

async function rights(state: DatabaseStateRepository): Promise<Finding[]> {
  const { missing, excessive, absent } = await state.servingRights();
  const findings: Finding[] = [];
  if (absent.length > 0) {
    findings.push(
      failed('rights', `not there: ${absent.join(', ')}`, 'Apply the migrations: `node dist/scripts/db-migrate.js`.'),
    );
  }
  if (missing.length > 0) findings.push(failed('rights', `the user may not: ${missing.join(', ')}`, APPLY_ROLES));
  if (findings.length === 0) findings.push(ok('rights', 'the user may do all that the service does'));
  if (excessive.length > 0) {
    const found = `the user may do more than the service needs: ${excessive.join(', ')}`;
    findings.push(warning('rights', found, APPLY_ROLES));
  }
  return findings;
}
