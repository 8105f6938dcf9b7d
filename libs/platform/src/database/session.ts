// A connection to Postgres as everything here uses it: in UTC, in the schema `public`, given up and closed when an answer does
// not come in time.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { callbackify } from 'node:util';
import { Client, DatabaseError, type QueryResult } from 'pg';
import { databaseFault, DatabaseUnavailableError } from './database-fault.js';
import { readCarefully, type Wire } from './wire.js';

/** How a session is to be. Times are in milliseconds. */
export interface SessionOptions {
  /** Connection string, or what gives the one that holds now. */
  readonly url: string | (() => string);
  /** What Postgres's own views call it. */
  readonly applicationName?: string;
  /** Longest wait for a connection, and for the answer to a statement; none for scripts, whose work may take hours. */
  readonly timeoutMs?: number;
  /** Has Postgres refuse every write. */
  readonly readOnly?: boolean;
  /** Whether a server that takes no writes is refused. */
  readonly writable?: boolean;
}

/** What brings a session to its end while somebody uses it. */
export type EndReason = 'deadline' | 'open-transaction' | 'broken' | 'read-only';

const CONNECT_TIMEOUT_MS = 10_000;
// Postgres's own limit is met first, so that most statements that are too slow end in an answer.
const GRACE_MS = 500;
const PROTOCOL_VIOLATION = '08P01';
const READ_ONLY = '25006';
/** Where the tables are. Prisma's statements name it, and those by hand rely on it. */
const SCHEMA = 'public';
/** Without its name here the schema of temporary tables comes first: another client of a pooler may have left some. */
export const SEARCH_PATH = `${SCHEMA}, pg_temp`;

/** What of node-postgres's own state its types leave out. */
interface Internals {
  readonly connection: Wire & { stream: Socket };
  /** Whether the last statement has been answered to its end. */
  readonly readyForQuery: boolean;
  readonly _queryable: boolean;
  readonly connectionParameters: { query_timeout: number };
  getStartupConf(): Record<string, string>;
}

/**
 * A connection that is in UTC and in the schema `public`, whatever server, database, role, machine or pooler say. Its errors
 * are node-postgres's own, but for `DatabaseUnavailableError`.
 */
export class Session extends Client {
  /** Set once it must not be used again. */
  endReason: EndReason | undefined;
  /**
   * Whether the settings hold only where each transaction makes them: behind a pooler that keeps no parameters of a session, and
   * for sessions that only read.
   */
  guarded = false;

  /** @param settingsAtStart whether the settings are made when the connection is opened: most poolers refuse that */
  constructor(
    private readonly sessionOptions: SessionOptions,
    settingsAtStart = true,
  ) {
    const { url, applicationName: application_name, timeoutMs } = sessionOptions;
    const connectionString = typeof url === 'string' ? url : url();
    super({ connectionTimeoutMillis: timeoutMs ?? CONNECT_TIMEOUT_MS, application_name, connectionString });
    // Whoever waits for an answer is told of a broken connection by that; an unheard event would end the process.
    this.on('error', () => void (this.endReason ??= 'broken'));
    readCarefully(this.#internals.connection, () => this.#end('broken'));
    // One of the connection string would give up an answer and go on with the connection.
    this.#internals.connectionParameters.query_timeout = 0;
    const parameters = this.#internals.getStartupConf.bind(this);
    // What poolers keep for each of their clients (PgBouncer tracks these two), and the settings where they are taken.
    const own = { TimeZone: 'UTC', DateStyle: 'ISO, MDY', ...(settingsAtStart ? this.#settings : {}) };
    this.#internals.getStartupConf = () => ({ ...parameters(), ...own });
  }

  get #internals(): Internals {
    return this as unknown as Internals;
  }

  /** The settings that a transaction's correctness and the deadlines rest upon. */
  get #settings(): Record<string, string> {
    const { timeoutMs } = this.sessionOptions;
    if (timeoutMs === undefined) return { search_path: SEARCH_PATH };
    return {
      search_path: SEARCH_PATH,
      statement_timeout: String(timeoutMs),
      // Ends what this process has given up, if it could not say so: a second belt.
      idle_in_transaction_session_timeout: String(2 * timeoutMs),
      default_transaction_isolation: 'read committed',
    };
  }

  /** Opens it, and sees that it is as it has to be. @throws DatabaseUnavailableError */
  override connect(): Promise<this>;
  override connect(callback: (error: Error | null) => void): void;
  override connect(callback?: (error: Error | null) => void): Promise<this> | void {
    const opened = this.#open();
    if (callback === undefined) return opened;
    callbackify(() => opened)(callback);
  }

  async #open(): Promise<this> {
    try {
      await super.connect();
    } catch (error) {
      throw new DatabaseUnavailableError(databaseFault(error, true), false, error);
    }
    try {
      await this.#inspect();
      return this;
    } catch (error) {
      this.#internals.connection.stream.destroy();
      throw error;
    }
  }

  async #inspect(): Promise<void> {
    const { timeoutMs, readOnly = false, writable = false } = this.sessionOptions;
    const ms = (setting: string) => `(extract(epoch FROM current_setting('${setting}')::interval) * 1000)::float8`;
    const { rows } = await this.query<Settings>(`
      SELECT current_setting('TimeZone') AS zone, current_setting('DateStyle') AS style,
             current_setting('default_transaction_isolation') AS isolation,
             current_setting('server_encoding') AS encoding,
             -- Of a path whose first schema is the temporary one, asking would make that.
             CASE WHEN has_schema_privilege(to_regnamespace('${SCHEMA}')::oid, 'USAGE') THEN current_schemas(false)::text[] ELSE '{}' END AS schemas,
             current_setting('transaction_read_only') = 'on' AS "readOnly",
             EXISTS (SELECT FROM pg_settings WHERE name = ANY('{${Object.keys(this.#settings).join(',')}}') AND source = 'session') AS passing,
             ${ms('statement_timeout')} AS "statementMs", ${ms('idle_in_transaction_session_timeout')} AS "idleMs"`);
    const [found] = rows;
    if (found?.zone !== 'UTC' || !found.style.startsWith('ISO')) {
      throw refused(
        `its sessions are in time zone ${found?.zone} and date style ${found?.style}, although UTC and ISO were asked for`,
        'Have the pooler between here and Postgres keep TimeZone and DateStyle for each of its clients.',
      );
    }
    if (found.encoding !== 'UTF8') {
      throw refused(
        `its encoding is ${found.encoding}`,
        'Make a database with ENCODING UTF8: ids may have any character.',
      );
    }
    // Without any schema there are no tables to take for the right ones.
    const [schema = SCHEMA] = found.schemas;
    // Whoever sets the path in each transaction does without.
    if (schema !== SCHEMA && timeoutMs === undefined) {
      throw refused(
        `its sessions look into the schema ${schema} first, although ${SCHEMA} was asked for`,
        `The tables are in the schema ${SCHEMA}: set no other search_path for the role or database that a pooler is in front of, or go past the pooler.`,
      );
    }
    if (writable && found.readOnly) {
      this.endReason = 'read-only';
      const error = Object.assign(new Error('the session is read-only'), { code: READ_ONLY });
      throw new DatabaseUnavailableError(databaseFault(error, true), false);
    }
    const limited = (is: number, most: number) => is > 0 && is <= most;
    // What another client of a pooler has set on this connection is not there to stay.
    const isLimited =
      timeoutMs === undefined ||
      (!found.passing &&
        schema === SCHEMA &&
        found.isolation === 'read committed' &&
        limited(found.statementMs, timeoutMs) &&
        limited(found.idleMs, 2 * timeoutMs));
    this.guarded = readOnly || !isLimited;
  }

  /** What begins a transaction; where the session is guarded, its limits come with it. */
  get #beginning(): string {
    if (!this.guarded) return 'BEGIN';
    const { readOnly = false } = this.sessionOptions;
    const { default_transaction_isolation: _, ...local } = this.#settings;
    const settings = Object.entries(local).map(([name, value]) => `; SET LOCAL ${name} = ${value}`);
    return `BEGIN ISOLATION LEVEL READ COMMITTED${readOnly ? ' READ ONLY' : ''}${settings.join('')}`;
  }

  /**
   * Runs a statement. One that is not answered in time ends the session: the answer, or the end of its transaction, may still
   * be on its way, and would be taken for that of the next.
   * @throws DatabaseUnavailableError, which says whether what was written may be stored
   */
  override query = (async (config: string | { text: string }, values?: unknown[]): Promise<QueryResult> => {
    if (this.endReason !== undefined) throw new DatabaseUnavailableError(databaseFault(undefined, true), false);
    const text = typeof config === 'string' ? config : config.text;
    const sent = text === 'BEGIN' && this.guarded ? { ...Object(config), text: this.#beginning } : config;
    const deadline = this.#startDeadline();
    try {
      const result = await super.query(sent as string, values);
      // A transaction in which something failed is answered like this, and nothing of it is stored.
      if (text === 'COMMIT' && result.command === 'ROLLBACK') throw new Error('The transaction was rolled back.');
      return result;
    } catch (error) {
      throw await this.#explained(error);
    } finally {
      clearTimeout(deadline);
    }
  }) as Client['query'];

  /** Runs a statement in a transaction of its own, with one limit for all of it. */
  async queryAlone(config: { text: string }): Promise<QueryResult> {
    const deadline = this.#startDeadline();
    try {
      await this.query('BEGIN');
      const result = await this.query(config);
      await this.query('COMMIT');
      return result;
    } catch (error) {
      await this.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      clearTimeout(deadline);
    }
  }

  #startDeadline(): NodeJS.Timeout | undefined {
    const { timeoutMs } = this.sessionOptions;
    return timeoutMs === undefined ? undefined : setTimeout(() => this.#end('deadline'), timeoutMs + GRACE_MS);
  }

  /** Whether it can be used by somebody else: nobody else's transaction or answer is left on it. */
  get isIdle(): boolean {
    return this.#internals.readyForQuery && this.#internals._queryable && this.getTransactionStatus() === 'I';
  }

  async #explained(error: unknown): Promise<unknown> {
    // An error without a code is one of the protocol: what was on the wire was not Postgres speaking.
    if (error instanceof DatabaseError && error.code === undefined) this.#end('broken');
    const lost = !(await this.#answered());
    // Whoever runs a script is helped most by Postgres's own words.
    if (!lost && this.sessionOptions.timeoutMs === undefined) return error;
    const fault = databaseFault(error, lost);
    if (fault === undefined) return error;
    if (fault.kind === 'read-only') this.endReason = 'read-only';
    return new DatabaseUnavailableError(fault, lost, error);
  }

  /** After an error Postgres still says that it is ready for the next statement, unless the connection is gone. */
  async #answered(): Promise<boolean> {
    const { connection, readyForQuery, _queryable: usable } = this.#internals;
    if (this.endReason !== undefined || !usable) return false;
    if (readyForQuery) return true;
    const either = new AbortController();
    const { signal } = either;
    const ready = once(connection, 'readyForQuery', { signal }).then(() => true);
    const ended = once(connection, 'end', { signal }).then(() => false);
    return Promise.race([ready, ended])
      .catch(() => false)
      .finally(() => either.abort());
  }

  #end(reason: EndReason): void {
    this.endReason ??= reason;
    this.#internals.connection.stream.destroy(new Error(`the session was ended: ${reason}`));
  }
}

interface Settings {
  zone: string;
  style: string;
  isolation: string;
  encoding: string;
  /** Where unqualified names are looked for, in this order. */
  schemas: string[];
  readOnly: boolean;
  /** Whether a setting is one that somebody has set for this session alone. */
  passing: boolean;
  statementMs: number;
  idleMs: number;
}

function refused(found: string, advice: string): DatabaseUnavailableError {
  return new DatabaseUnavailableError({ kind: 'session', found, advice }, false);
}

/** Whether what refused a connection was a pooler that takes no parameters of a session. */
export function isUnknownParameter(error: unknown): boolean {
  if (!(error instanceof DatabaseUnavailableError) || error.fault.code !== PROTOCOL_VIOLATION) return false;
  return error.cause instanceof Error && error.cause.message.includes('startup parameter');
}

/** Runs work on a session of its own. */
export async function withSession<T>(options: SessionOptions, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await new Session(options).connect().catch((error: unknown) => {
    if (isUnknownParameter(error)) return new Session(options, false).connect();
    throw error;
  });
  try {
    return await work(session);
  } finally {
    await session.end();
  }
}
