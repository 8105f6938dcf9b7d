// Whether Postgres can be reached, lets this user do what the service does, and holds what this build needs: migrations, months of
// the ledger, and content keys under KEKs of the configuration.
import {
  MigrationHistoryError,
  monthsAhead,
  pendingMigrations,
  type PrismaService,
  readMigrations,
} from '@app/platform/database';
import type { KekRing } from '../../keks.js';
import { withDatabase } from '../context.js';
import { kekUse, unreadableBecause, withoutKeyText } from '../keys/content-keys.js';
import { ContentKeysRepository } from '../keys/content-keys.repository.js';
import { type Check, type CheckContext, DATABASE_VARIABLES, failed, type Finding, ok, warning } from './check.js';
import { DatabaseStateRepository } from './database-state.repository.js';

export const databaseCheck: Check = {
  name: 'database',
  summary: 'Postgres of DATABASE_URL',
  needs: DATABASE_VARIABLES,
  run: (context) => readDatabase(context, async (state) => [await latency(state), ...(await rights(state))]),
};

export const migrationsCheck: Check = {
  name: 'migrations',
  summary: 'the migrations of this build and those of the database',
  needs: DATABASE_VARIABLES,
  run: (context) => readDatabase(context, migrationFindings),
};

export const ledgerCheck: Check = {
  name: 'ledger',
  summary: 'the partitions of the token ledger',
  needs: DATABASE_VARIABLES,
  run: (context) => readDatabase(context, (state) => ledgerFindings(state, context.now())),
};

export const keksCheck: Check = {
  name: 'keks',
  summary: 'the KEKs that content keys are wrapped under',
  needs: [...DATABASE_VARIABLES, 'CONTENT_KEY_KEKS'],
  run: (context) =>
    readDatabase(context, (_state, prisma) => kekFindings(prisma, context.environment.CONTENT_KEY_KEKS.current)),
};

/** Gives a check a connection that only reads. @throws DatabaseUnavailableError */
export function readDatabase<T>(
  { environment, timeoutMs }: CheckContext,
  work: (state: DatabaseStateRepository, prisma: PrismaService) => Promise<T>,
): Promise<T> {
  const session = { timeoutMs: Math.min(timeoutMs, environment.DATABASE_TIMEOUT_MS), poolSize: 1, readOnly: true };
  return withDatabase(environment, session, (prisma) => work(new DatabaseStateRepository(prisma), prisma));
}

const SLOW_MS = 100;
const PINGS = 5;

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

const MIGRATIONS = 'applied migrations';

async function migrationFindings(state: DatabaseStateRepository): Promise<Finding[]> {
  const files = await readMigrations();
  const { applied, checksums } = await state.migrations();
  const known = new Map(files.map(({ name, checksum }) => [name, checksum]));
  // Half of every rollout: the new migrations are there, and the old service still runs.
  const ahead = applied.filter(({ name, rolledBack }) => !known.has(name) && !rolledBack).map(({ name }) => name);
  const ours = applied.filter(({ name }) => known.has(name));
  const halfWay = ours.filter(({ finished, rolledBack }) => !finished && !rolledBack);
  const findings = halfWay.map(({ name }) =>
    failed(
      MIGRATIONS,
      `${name} failed half way`,
      'Undo what there is of it, or restore the database (docs/backup.md); then mark it with ' +
        `\`npx prisma migrate resolve --rolled-back ${name}\`, and migrate again with \`npm run db:migrate\`.`,
    ),
  );
  const compared = ours.map((row) => ({
    ...row,
    finished: true,
    ...(checksums ? {} : { checksum: known.get(row.name) ?? '' }),
  }));
  try {
    const pending = pendingMigrations(files, compared).map(({ name }) => name);
    if (pending.length > 0) {
      const advice =
        'Run `npm run db:migrate` (in the image: `node dist/scripts/db-migrate.js`) with a user who may change the schema.';
      findings.push(failed(MIGRATIONS, `pending: ${pending.join(', ')}`, advice));
    }
  } catch (error) {
    if (!(error instanceof MigrationHistoryError)) throw error;
    const advice = 'Do not go on: bring back the files that were applied, or restore the database.';
    findings.push(failed(MIGRATIONS, error.problems.join('; '), advice));
  }
  if (ahead.length > 0) {
    const advice =
      'This is so while a newer version is being rolled out. If none is, this build is older than the database: update it.';
    findings.push(warning(MIGRATIONS, `unknown to this build: ${ahead.join(', ')}`, advice));
  }
  if (findings.length > 0) return findings;
  const unseen = checksums ? 'unchanged' : 'whether their files were changed only the migrating user can see';
  return [ok(MIGRATIONS, `all ${files.length} are applied, ${unseen}`)];
}

const PARTITIONS = 'partitions of the ledger';
const MAINTAIN =
  'Run `npm run ledger:maintain` (in the image: `node dist/scripts/ledger-maintain.js`) as the owner of the tables, and have it run each night.';
/** As the alert EntitlementLedgerMonthsRunOut says. */
const MONTHS_AHEAD = 2;

async function ledgerFindings(state: DatabaseStateRepository, now: Date): Promise<Finding[]> {
  const { months, hasRowsOutside } = await state.ledger();
  const ahead = monthsAhead(months, now);
  const findings: Finding[] = [];
  if (ahead < 0) {
    findings.push(failed(PARTITIONS, 'the present month has none: its rows go to issuance_other', MAINTAIN));
  } else {
    const last = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead)).toISOString().slice(0, 7);
    const found = `made up to ${last}, ${ahead} month(s) ahead`;
    findings.push(ahead >= MONTHS_AHEAD ? ok(PARTITIONS, found) : warning(PARTITIONS, found, MAINTAIN));
  }
  if (hasRowsOutside === true) {
    const advice = '`npm run ledger:maintain` moves them to their months; docs/ledger.md says which it leaves.';
    findings.push(warning('table issuance_other', 'rows lie outside of the months', advice));
  }
  return findings;
}

async function kekFindings(prisma: PrismaService, keks: KekRing): Promise<Finding[]> {
  const rows = new ContentKeysRepository(prisma);
  const use = await kekUse(rows, keks.ids);
  const samples = await rows.sampleOfEachKek();
  const wrong = samples.filter((row) => unreadableBecause(row, keks) === 'wrong-kek');
  const unknown = use.keks.filter(({ configured }) => !configured);
  const findings: Finding[] = [];
  for (const { kekId, wrapped, keyStorage } of unknown) {
    const advice = 'Add it to CONTENT_KEY_KEKS (or the file of CONTENT_KEY_KEKS_FILE); these titles cannot be played.';
    findings.push(failed(`KEK ${kekId}`, `not configured, and ${wrapped + keyStorage} content key(s) need it`, advice));
  }
  for (const { kekId, contentId, kid } of wrong) {
    const advice = 'CONTENT_KEY_KEKS has another key under this id. `entitlementctl keys check` looks at every title.';
    findings.push(failed(`KEK ${kekId}`, `it does not unwrap the key ${kid} of ${contentId}`, advice));
  }
  if (use.contentsWithoutKey > 0) {
    const advice = 'They cannot be played: give them one with PUT /v1/admin/contents/{contentId}/keys.';
    findings.push(warning('titles', `without a content key: ${withoutKeyText(use)}`, advice));
  }
  if (unknown.length + wrong.length > 0) return findings;
  const keys = use.keks.reduce((sum, { wrapped, keyStorage }) => sum + wrapped + keyStorage, 0);
  const unused = use.keks.filter(({ wrapped, keyStorage }) => wrapped + keyStorage === 0).map(({ kekId }) => kekId);
  const rest = unused.length === 0 ? '' : `; unused: ${unused.join(', ')}`;
  const found = `${keys} content key(s), every KEK is configured, one key of each unwraps${rest}`;
  return [ok('KEKs of CONTENT_KEY_KEKS', found), ...findings];
}
