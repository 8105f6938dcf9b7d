// A command's own connections to the database, for as long as it works.
import { PrismaService } from '@app/database';
import { currentDatabaseUrl, type DatabaseSecrets } from '../../entitlement/src/database-url.js';

/** How to connect. */
export interface SessionOptions {
  /** Longest wait for a connection or a statement, in milliseconds. */
  readonly timeoutMs: number;
  readonly poolSize: number;
  /** Has Postgres refuse every write. */
  readonly readOnly: boolean;
}

/** Runs work with the database of the settings, and closes the connections after it. */
export async function withDatabase<T>(
  settings: DatabaseSecrets,
  { timeoutMs, poolSize, readOnly }: SessionOptions,
  work: (prisma: PrismaService) => Promise<T>,
): Promise<T> {
  const url = () => (readOnly ? readOnlyUrl(currentDatabaseUrl(settings)) : currentDatabaseUrl(settings));
  const prisma = new PrismaService({ url, poolSize, timeoutMs });
  try {
    return await work(prisma);
  } finally {
    await prisma.onApplicationShutdown();
  }
}

/** Of the connection and not of a transaction, so that it holds for queries that know nothing of it. */
function readOnlyUrl(text: string): string {
  const url = new URL(text);
  const given = url.searchParams.get('options');
  const setting = '-c default_transaction_read_only=on';
  url.searchParams.set('options', given === null ? setting : `${given} ${setting}`);
  return url.href;
}
