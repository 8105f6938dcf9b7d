// The one Prisma client of a process, over its pool of sessions.
import { setTimeout as delay } from 'node:timers/promises';
import {
  type DynamicModule,
  Injectable,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { StartRefusedError } from '@app/platform/configuration';
import { DatabaseUnavailableError } from './database-fault.js';
import { PrismaClient } from './generated/client.js';
import { PreparedStatements, type Statement } from './prepared.js';
import { SessionPool, untilNoConflict, type SessionPoolOptions } from './session-pool.js';
import { Turns } from './turns.js';

/** What runs statements, in a transaction or out of one. */
export type Statements = Pick<PrismaClient, '$queryRaw' | '$executeRaw'>;

// The pool limits the wait for a connection and Postgres that for a statement; Prisma's own limits, shorter than these
// may be, stay out of it.
const TRANSACTION_LIMITS = { maxWait: 120_000, timeout: 240_000 };
const FIRST_PAUSE_MS = 25;
const GUARDED =
  'Postgres is behind a pooler that keeps no limits of a session: each statement is a transaction that brings its own. ' +
  'docs/deployment.md says how to spare that.';

/** Gives repositories the Prisma client. Its errors are Prisma's own, but for `DatabaseUnavailableError`. */
@Injectable()
export class PrismaService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly client: PrismaClient;
  /** To be looked at: statements go through the client, or `runPrepared`. */
  readonly pool: SessionPool;
  /** Of those who may wait for somebody's lock: half of the connections. */
  readonly turns: Turns;
  readonly #prepared: PreparedStatements;
  readonly #timeoutMs: number;
  readonly #logger = new Logger(PrismaService.name);

  constructor(options: SessionPoolOptions) {
    this.pool = new SessionPool({ applicationName: 'entitlement', ...options });
    this.#prepared = new PreparedStatements(this.pool);
    this.#timeoutMs = options.timeoutMs;
    this.turns = new Turns(Math.max(1, Math.floor(options.poolSize / 2)), options.timeoutMs);
    this.client = new PrismaClient({ adapter: new PrismaPg(this.pool) });
  }

  /** A database that does not answer yet is waited for; one whose sessions can never be used is a wrong configuration. */
  async onApplicationBootstrap(): Promise<void> {
    try {
      (await this.pool.connect()).release();
      if (this.pool.isGuarded) this.#logger.log(GUARDED);
    } catch (error) {
      if (!(error instanceof DatabaseUnavailableError)) throw error;
      if (error.fault.kind === 'session') throw new StartRefusedError(error.message, { cause: error });
      this.#logger.warn(error.message);
    }
  }

  /**
   * Runs a statement of the hot path past Prisma and prepared, at a third of the cost; the rows are as `$queryRaw` has them.
   * @param kind what Postgres's views call it, before a hash of its text
   * @param statement is asked for when there is a connection, and again when it has to be sent again
   * @throws DatabaseUnavailableError, node-postgres's own errors, and what `statement` throws: then nothing is sent
   */
  runPrepared<T>(kind: string, statement: () => Statement): Promise<T[]> {
    return this.#prepared.run<T>(kind, statement);
  }

  /**
   * Several statements as one: all of them are stored, or none. What Postgres takes back because of others is done again.
   * @throws DatabaseUnavailableError, and what `work` throws
   */
  async transaction<T>(work: (tx: Statements) => Promise<T>): Promise<T> {
    return untilNoConflict(() => this.client.$transaction(work, TRANSACTION_LIMITS));
  }

  /**
   * Writes what must not be lost: on another connection where one is refused or breaks, begun within the longest wait.
   * @param write is the same when done twice
   * @throws DatabaseUnavailableError
   */
  async persist<T>(write: () => Promise<T>): Promise<T> {
    const lastStart = performance.now() + this.#timeoutMs;
    let mayBeStored = false;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof DatabaseUnavailableError)) throw error;
        mayBeStored ||= error.mayBeStored;
        const { kind } = error.fault;
        const again = kind === 'connection' || kind === 'read-only';
        if (!again || performance.now() + pauseMs > lastStart) {
          throw new DatabaseUnavailableError(error.fault, mayBeStored, error);
        }
        await delay(pauseMs);
      }
    }
  }

  /** Closed last, after the requests in flight have been answered. */
  async onApplicationShutdown(): Promise<void> {
    await this.client.$disconnect();
    await this.pool.end();
  }
}

/** Makes the Prisma client, and the pool for those who look at it, injectable everywhere in an app. */
@Module({})
export class DatabaseModule {
  static forRoot(options: SessionPoolOptions): DynamicModule {
    const prisma = { provide: PrismaService, useFactory: () => new PrismaService(options) };
    const pool = {
      provide: SessionPool,
      inject: [PrismaService],
      useFactory: (service: PrismaService) => service.pool,
    };
    return { module: DatabaseModule, global: true, providers: [prisma, pool], exports: [PrismaService, SessionPool] };
  }
}
