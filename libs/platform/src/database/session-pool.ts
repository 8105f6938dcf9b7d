// The connections of a process: what comes back unfit is closed, what Postgres took back is tried again.
import { Pool, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import { databaseFault, DatabaseUnavailableError } from './database-fault.js';
import { isUnknownParameter, Session, type EndReason, type SessionOptions } from './session.js';

export interface SessionPoolOptions extends SessionOptions {
  readonly timeoutMs: number;
  /** Most connections at once. */
  readonly poolSize: number;
}

export interface DatabasePoolState {
  /** Connections that wait for a query. */
  readonly idle: number;
  /** Connections that work on one, or are being opened for it. */
  readonly inUse: number;
  /** Queries that wait for a connection. */
  readonly waiting: number;
  /** Most connections there may be. */
  readonly limit: number;
  /** Connections closed because they could not be used any more, since the start. */
  readonly destroyed: Readonly<Record<EndReason, number>>;
}

/**
 * How long a connection is used, in seconds. Postgres asks for a password once, when a connection is opened; this is the time
 * in which a changed user, password or host reaches every connection, also those that are never idle.
 */
const LONGEST_CONNECTION_SECONDS = 300;
const MOST_ATTEMPTS = 4;

/** Does again what Postgres took back as a whole because of others (a deadlock, a failed serialization), up to four times. */
export async function untilNoConflict<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isConflict = error instanceof DatabaseUnavailableError && error.fault.kind === 'conflict';
      if (!isConflict || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

export class SessionPool extends Pool {
  readonly #destroyed: Record<EndReason, number> = { deadline: 0, 'open-transaction': 0, broken: 0, 'read-only': 0 };
  /** Sessions that were opened before a server was found to be read-only are left; newer ones may lead elsewhere. */
  readonly #generations = new WeakMap<Session, number>();
  #generation = 0;
  /** Whether each statement takes two round trips more, to begin a transaction with its limits and to end it. */
  isGuarded = false;
  /** How sessions are opened: with their settings, until a pooler refuses that. */
  readonly #start: { withSettings: boolean };

  constructor({ poolSize, ...session }: SessionPoolOptions) {
    const start = { withSettings: true };
    super({
      Client: class extends Session {
        constructor() {
          super(session, start.withSettings);
        }
      },
      max: poolSize,
      maxLifetimeSeconds: LONGEST_CONNECTION_SECONDS,
      connectionTimeoutMillis: session.timeoutMs,
    });
    this.#start = start;
    this.on('connect', (client) => {
      const opened = client as unknown as Session;
      this.isGuarded = opened.guarded;
      this.#generations.set(opened, this.#generation);
    });
    // An idle connection that breaks is replaced; the next query shows whether the database is there.
    this.on('error', () => void (this.#destroyed.broken += 1));
  }

  get state(): DatabasePoolState {
    const { idleCount: idle, totalCount, waitingCount: waiting, options } = this;
    return { idle, inUse: totalCount - idle, waiting, limit: options.max, destroyed: { ...this.#destroyed } };
  }

  /** A connection, which is closed when it comes back unfit. @throws DatabaseUnavailableError */
  override connect = (async (): Promise<PoolClient> => {
    for (;;) {
      const client = await this.#take();
      const session = client as unknown as Session;
      const release = client.release.bind(client);
      if (this.#generations.get(session) !== this.#generation) {
        release(true);
        continue;
      }
      client.release = (error) => {
        const reason = session.endReason ?? (session.isIdle ? undefined : 'open-transaction');
        if (reason !== undefined) this.#destroyed[reason] += 1;
        if (reason === 'read-only' && this.#generations.get(session) === this.#generation) this.#generation += 1;
        release(error ?? reason !== undefined);
      };
      return client;
    }
  }) as Pool['connect'];

  async #take(isSecondTry = false): Promise<PoolClient> {
    try {
      return await super.connect();
    } catch (error) {
      if (isUnknownParameter(error) && !isSecondTry) {
        this.#start.withSettings = false;
        return this.#take(true);
      }
      if (error instanceof DatabaseUnavailableError) throw error;
      throw new DatabaseUnavailableError(databaseFault(error, true), false, error);
    }
  }

  /** Runs a statement on a connection that is free. @throws DatabaseUnavailableError, and node-postgres's own errors */
  override query = ((config: QueryConfig): Promise<QueryResult> => this.run(() => config)) as Pool['query'];

  /** @param statement is asked for when there is a connection. @throws as `query`, and what `statement` throws: then nothing is sent */
  run(statement: () => QueryConfig): Promise<QueryResult> {
    return untilNoConflict(() => this.#once(statement));
  }

  async #once(statement: () => QueryConfig): Promise<QueryResult> {
    const client = await this.connect();
    try {
      const session = client as unknown as Session;
      const config = statement();
      return await (session.guarded ? session.queryAlone(config) : session.query(config));
    } finally {
      client.release();
    }
  }
}
