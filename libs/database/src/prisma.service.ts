// The one Prisma client of a process: its pool, its deadlines, and its errors made tellable.
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { Client, Pool, type ClientConfig } from 'pg';
import type { DatabasePool, DatabasePoolFigures } from './database-pool.js';
import { DatabaseUnavailableError, isDatabaseUnavailable } from './database-unavailable.error.js';
import { PrismaClient } from './generated/client.js';

/** How to reach the database. */
export interface DatabaseOptions {
  /** Connection string, or what gives the one that holds now: it is asked for each time a connection is opened. */
  url: string | (() => string);
  /** Connections the pool may open. */
  poolSize: number;
  /** Longest wait, in milliseconds, for a connection, and again for a statement's answer. */
  timeoutMs: number;
}

/**
 * How long a connection is used, in seconds. Postgres asks for a password once, when a connection is opened; this is the time
 * in which a changed user, password or host reaches every connection, also those that are never idle.
 */
const LONGEST_CONNECTION_SECONDS = 300;

/** A client that takes its connection string at the last moment: the pool makes one for each connection. */
function clientOf(url: () => string): typeof Client {
  return class extends Client {
    constructor(config?: ClientConfig) {
      super({ ...config, connectionString: url() });
    }
  };
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
export class PrismaService implements DatabasePool, OnApplicationShutdown {
  readonly client: ReturnType<typeof prismaClient>;
  readonly #pool: Pool;

  constructor(options: DatabaseOptions) {
    const { url } = options;
    this.#pool = new Pool({
      Client: clientOf(typeof url === 'string' ? () => url : url),
      maxLifetimeSeconds: LONGEST_CONNECTION_SECONDS,
      max: options.poolSize,
      connectionTimeoutMillis: options.timeoutMs,
      statement_timeout: options.timeoutMs,
      // A dead server sends no timeout of its own; this one is the client's, a little later.
      query_timeout: options.timeoutMs + 500,
      application_name: 'entitlement',
    });
    this.client = prismaClient(this.#pool);
  }

  get pool(): DatabasePoolFigures {
    const { idleCount: idle, totalCount, waitingCount: waiting, options } = this.#pool;
    return { idle, inUse: totalCount - idle, waiting, limit: options.max };
  }

  /** Closed last, after the requests in flight have been answered. */
  async onApplicationShutdown(): Promise<void> {
    await this.client.$disconnect();
    await this.#pool.end();
  }
}
