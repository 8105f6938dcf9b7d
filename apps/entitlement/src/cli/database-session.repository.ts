// A command's own connections to the database, for as long as it works.
import { PrismaService, type SessionPoolOptions } from '@app/platform/database';
import { currentDatabaseUrl, type DatabaseSecrets } from '../environment/database.js';

/** Runs work with the database of the settings, and closes the connections after it. */
export async function withDatabase<T>(
  settings: DatabaseSecrets,
  options: Omit<SessionPoolOptions, 'url'>,
  work: (prisma: PrismaService) => Promise<T>,
): Promise<T> {
  const prisma = new PrismaService({ ...options, url: () => currentDatabaseUrl(settings) });
  try {
    return await work(prisma);
  } finally {
    await prisma.onApplicationShutdown();
  }
}
