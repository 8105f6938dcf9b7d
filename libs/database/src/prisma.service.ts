// The one Prisma client of a process: its pool, its deadlines, and its errors made tellable.
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { DatabaseUnavailableError, isDatabaseUnavailable } from './database-unavailable.error.js';
import { PrismaClient } from './generated/client.js';

/** How to reach the database. */
export interface DatabaseOptions {
  /** Connection string. */
  url: string;
  /** Connections the pool may open. */
  poolSize: number;
  /** Longest wait, in milliseconds, for a connection, and again for a statement's answer. */
  timeoutMs: number;
}

function prismaClient(pool: Pool) {
  // An idle connection that breaks is replaced by the pool; the next query tells whether the database is there.
  const adapter = new PrismaPg(pool, { onPoolError: () => undefined, onConnectionError: () => undefined });
  return new PrismaClient({ adapter }).$extends({
    query: {
      $allOperations: async ({ args, query }) => {
        try {
          return await query(args);
        } catch (error) {
          throw isDatabaseUnavailable(error) ? new DatabaseUnavailableError(error) : error;
        }
      },
    },
  });
}

/** Gives repositories the Prisma client. Its errors are Prisma's own, but for `DatabaseUnavailableError`. */
@Injectable()
export class PrismaService implements OnApplicationShutdown {
  readonly client: ReturnType<typeof prismaClient>;
  readonly #pool: Pool;

  constructor(options: DatabaseOptions) {
    this.#pool = new Pool({
      connectionString: options.url,
      max: options.poolSize,
      connectionTimeoutMillis: options.timeoutMs,
      statement_timeout: options.timeoutMs,
      // A dead server sends no timeout of its own; this one is the client's, a little later.
      query_timeout: options.timeoutMs + 500,
      application_name: 'entitlement',
    });
    this.client = prismaClient(this.#pool);
  }

  /** Closed last, after the requests in flight have been answered. */
  async onApplicationShutdown(): Promise<void> {
    await this.client.$disconnect();
    await this.#pool.end();
  }
}
