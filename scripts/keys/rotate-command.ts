// The command line of a rotation: what it takes, and what it tells of its work.
import { parseArgs } from 'node:util';
import { loadEnvironment } from '@app/configuration';
import { PrismaService } from '@app/database';
import { currentDatabaseUrl } from '../../apps/entitlement/src/database-url.js';
import { ContentKeyRows } from './content-key-rows.js';
import { KeysEnvironment } from './keys-environment.js';
import { rotateKeys, type RotationReport, type UnreadableKey } from './rotate-keys.js';

const USAGE = 'Usage: npm run keys:rotate -- --to <kekId> [--dry-run] [--batch 100]';
const MOST_CONNECTIONS = 4;
const MOST_LISTED = 20;

/**
 * Runs one rotation.
 * @param print takes one line of output
 * @throws Error with what a user has to change, or when keys were left that cannot be read
 */
export async function rotateCommand(
  args: string[],
  env: Readonly<Record<string, string | undefined>>,
  print: (line: string) => void,
): Promise<void> {
  const { to, dryRun, batchSize } = optionsOf(args);
  const environment = loadEnvironment(KeysEnvironment, env);
  const keks = environment.CONTENT_KEY_KEKS.current;
  const giveBack = keks.borrow();
  const prisma = new PrismaService({
    url: () => currentDatabaseUrl(environment),
    poolSize: MOST_CONNECTIONS,
    timeoutMs: 10_000,
  });
  try {
    const rows = new ContentKeyRows(prisma);
    const progress = (done: number, all: number) => print(`${done} of ${all} content keys`);
    tell(await rotateKeys({ rows, keks, to, dryRun, batchSize, progress }), to, dryRun, print);
  } finally {
    await prisma.onApplicationShutdown();
    giveBack();
    keks.retire();
  }
}

function optionsOf(args: string[]): { to: string; dryRun: boolean; batchSize: number } {
  const { values } = parseArgs({
    args,
    options: {
      to: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      batch: { type: 'string', default: '100' },
    },
  });
  const batchSize = Number(values.batch);
  if (values.to === undefined || values.to === '') throw new Error(USAGE);
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > 10_000) {
    throw new Error(`--batch takes a whole number from 1 to 10000. ${USAGE}`);
  }
  return { to: values.to, dryRun: values['dry-run'], batchSize };
}

function tell(report: RotationReport, to: string, dryRun: boolean, print: (line: string) => void): void {
  const { rotated, unreadable, keyStorage } = report;
  if (dryRun) print(`A dry run: ${rotated} content key(s) would be wrapped under ${to}. Nothing was changed.`);
  else print(`${rotated} content key(s) are wrapped under ${to} now.`);
  for (const { kekId, count } of keyStorage) {
    print(
      `${count} content key(s) lie in ExpressPlay's key storage under ${kekId}: they are left, and so must ${kekId} be.`,
    );
  }
  if (unreadable.length === 0) {
    if (!dryRun) print('No key in this database is wrapped under another KEK any more.');
    return;
  }
  for (const key of unreadable.slice(0, MOST_LISTED)) print(`${key.contentId}: ${REASONS[key.reason](key)}`);
  if (unreadable.length > MOST_LISTED) print(`... and ${unreadable.length - MOST_LISTED} more`);
  throw new Error(`${unreadable.length} content key(s) cannot be read and were left as they are.`);
}

const REASONS: Record<UnreadableKey['reason'], (key: UnreadableKey) => string> = {
  'unknown-kek': ({ kekId }) => `its KEK ${kekId} is not among CONTENT_KEY_KEKS`,
  'wrong-kek': ({ kekId }) => `the KEK ${kekId} of CONTENT_KEY_KEKS does not unwrap it`,
};
