// Several statements as one: all of them are committed, or none.
import { DatabaseUnavailableError, isDatabaseUnavailable, type PrismaService } from '@app/database';

/** What runs statements, in a transaction or out of one. */
export type Statements = Pick<PrismaService['client'], '$queryRaw' | '$executeRaw'>;

// The pool limits the wait for a connection and Postgres that for a statement; Prisma's own limits, shorter than these
// may be, stay out of it.
const LIMITS = { maxWait: 120_000, timeout: 240_000 };
/** Prisma's code for a transaction that could not begin or was given up. */
const TRANSACTION_FAILED = 'P2028';

/** @throws DatabaseUnavailableError, and what `work` throws; nothing is written then */
export async function inTransaction<T>(prisma: PrismaService, work: (tx: Statements) => Promise<T>): Promise<T> {
  try {
    return await prisma.client.$transaction(work, LIMITS);
  } catch (error) {
    const failed = error instanceof Error && 'code' in error && error.code === TRANSACTION_FAILED;
    throw failed || isDatabaseUnavailable(error) ? new DatabaseUnavailableError(error) : error;
  }
}
