// Posts a form, or sends another request, and reads the answer, whatever its status: axios, over connection pools of undici's at a quarter of the CPU time.
import axios, { type AxiosAdapter, type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { AbandonedError, type Budget } from '@app/platform/clock';
import { buildConnector, type Dispatcher, errors, Pool } from 'undici';
import { ExpressPlayError, QueueTimeoutError, TransportError, UnreadableAnswerError } from './errors.js';
import { nameTransportFailure, NotConnectedError } from './transport-failure.js';

/** The longest answer that is read by default. A token answer has some hundreds of bytes, an error page some thousands. */
const MAX_BODY_BYTES = 64 * 1024;

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Deadlines and limits of the transport. */
export interface TransportOptions {
  /** Milliseconds until a connection stands, name lookup and TLS included. */
  connectTimeoutMs: number;
  /** Most milliseconds until the last byte of the answer is read, waiting for a connection included. */
  timeoutMs: number;
  /** The longest answer that is read, in bytes; by default 64 KiB. */
  maxBodyBytes?: number;
  /** Connections for one address; further calls wait for a free one, within their own deadline. */
  maxConnections: number;
  /**
   * Is given the axios instance before anything is sent, to add interceptors to it (tracing of one's own, a header for a gateway)
   * or to change its defaults: `adapter: 'http'` with `proxy` or with an `httpsAgent` that has a client's certificate. With
   * another adapter `timeoutMs` still holds, `connectTimeoutMs`, `maxConnections` and `load` do not.
   *
   * Interceptors see the authenticator and the keys in `config.data`, which is cleared after the call. What they throw ends as a
   * `TransportError` without the request. One that sends again may buy a second token.
   */
  configureAxios?: (instance: AxiosInstance) => void;
}

declare module 'axios' {
  interface AxiosRequestConfig {
    pool?: string;
    /** Is told when the call waits for a connection, and when there is one. What it throws, an error of ours, is thrown, and nothing is sent. */
    waits?: (isQueued: boolean) => void;
  }
}

/** What one call may have of its own. */
export interface Call {
  /** The trace that it belongs to. */
  traceparent?: string | undefined;
  /** Of whoever waits for it: it takes no longer. */
  budget?: Budget | undefined;
  /** Is called when there is a connection. What it throws, an error of ours, is thrown, and nothing is sent. */
  beforeSending?: (() => void) | undefined;
}

/** One request that is not a form to be posted. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'DELETE';
  /** With its query, which may hold an authenticator: nothing that is thrown has it. */
  url: string;
  /** JSON. */
  body?: string | undefined;
  /** Requests of the same name share connections, whatever their URLs. */
  pool: string;
}

/** An answer of any status. */
export interface HttpAnswer {
  status: number;
  /** Decoded as UTF-8. */
  body: string;
}

/** What the pools are busy with. */
export interface PoolLoad {
  /** Requests that are on their way or wait for their answer. */
  readonly inFlight: number;
  /** Requests that wait for a connection. */
  readonly queued: number;
  /** Most connections for one address, and so most requests in flight there. */
  readonly connectionLimit: number;
}

/**
 * The HTTP side of the client: one pool for each address, kept alive between calls, also where services share a host: one that hangs
 * holds no connection of another's. Redirects are not followed and no proxy is used, whatever the environment says: a request carries
 * the authenticator and goes nowhere but to its URL.
 */
export class HttpTransport {
  readonly #options: TransportOptions;
  readonly #axios: AxiosInstance;
  readonly #pools = new Map<string, Pool>();
  #closing: Promise<void> | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#axios = axios.create({
      adapter: this.#adapter,
      maxRedirects: 0,
      proxy: false,
      maxContentLength: this.#maxBodyBytes,
      // The body is ready to be sent as it is, and wanted as the string it comes as: the default transformations would only guess at it.
      transformRequest: [(data: unknown) => data],
      transformResponse: [(data: unknown) => data],
      validateStatus: () => true,
      headers: {
        Accept: 'text/uri-list, application/json, text/html;q=0.5',
        'Content-Type': 'application/x-www-form-urlencoded',
      },
    });
    options.configureAxios?.(this.#axios);
  }

  /**
   * Posts a form once. It is never sent again by itself: a token may have been issued and charged for although no answer came, and
   * a second try would buy another. Whether to ask again is the caller's decision.
   *
   * @param url where to
   * @param form `application/x-www-form-urlencoded`. When this has returned or thrown, nobody reads it any more.
   * @throws TransportError when no complete answer came; a `QueueTimeoutError` when none was free for too long
   * @throws UnreadableAnswerError when its body has more than 64 KiB
   */
  async post(url: string, form: string | Uint8Array, call: Call = {}): Promise<HttpAnswer> {
    const { traceparent = '' } = call;
    const headers = TRACEPARENT.test(traceparent) ? { traceparent } : {};
    return this.#send({ method: 'POST', url, data: form, headers }, call);
  }

  /** Sends a request once. @throws TransportError, UnreadableAnswerError as `post` */
  async send({ method, url, body, pool }: HttpRequest): Promise<HttpAnswer> {
    const headers = { 'Content-Type': 'application/json' };
    return this.#send({ method, url, data: body, pool, ...(body !== undefined && { headers }) });
  }

  async #send(request: AxiosRequestConfig, { budget, beforeSending }: Call = {}): Promise<HttpAnswer> {
    const timeoutMs = Math.min(this.#options.timeoutMs, budget?.leftMs ?? Infinity);
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), timeoutMs);
    let queuedAt = Infinity;
    let sentAt = Infinity;
    const waits = (isQueued: boolean) => {
      if (isQueued) queuedAt = performance.now();
      else {
        beforeSending?.();
        sentAt = performance.now();
      }
    };
    try {
      const { status, data } = await this.#axios.request<string>({ ...request, signal: deadline.signal, waits });
      return { status, body: data };
    } catch (error) {
      // What is not ours comes from axios, undici or an interceptor and may carry the request, so it ends here.
      const isOurs = error instanceof ExpressPlayError || error instanceof AbandonedError;
      if (isOurs) throw error;
      const queuedMs = Math.min(sentAt, performance.now()) - queuedAt;
      const isQueues = deadline.signal.aborted && queuedMs > timeoutMs / 2;
      throw isQueues ? new QueueTimeoutError() : nameTransportFailure(error, deadline.signal.aborted);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Calls and connections at the moment. */
  get load(): PoolLoad {
    const stats = [...this.#pools.values()].map((pool) => pool.stats);
    return {
      inFlight: stats.reduce((sum, { running }) => sum + running, 0),
      // Those that no connection has taken yet are among the pending ones.
      queued: stats.reduce((sum, { pending }) => sum + pending, 0),
      connectionLimit: this.#options.maxConnections,
    };
  }

  /** Lets calls in flight finish, each within its deadline, and closes the connections. Later calls fail with `closed`. */
  close(): Promise<void> {
    this.#closing ??= Promise.all([...this.#pools.values()].map((pool) => pool.close())).then(() => undefined);
    return this.#closing;
  }

  get #maxBodyBytes(): number {
    return this.#options.maxBodyBytes ?? MAX_BODY_BYTES;
  }

  readonly #adapter: AxiosAdapter = async (config) => {
    const url = new URL(config.url ?? '');
    config.waits?.(true);
    const { statusCode: status, body } = await this.#poolFor(url, config.pool).request({
      method: (config.method ?? 'post').toUpperCase(),
      path: `${url.pathname}${url.search}`,
      headers: config.headers.toJSON(),
      body: config.data ?? null,
      signal: config.signal,
      opaque: config.waits,
    });
    try {
      return { data: await body.text(), status, statusText: '', headers: {}, config };
    } catch (error) {
      throw error instanceof errors.ResponseExceededMaxSizeError
        ? new UnreadableAnswerError(status, 'too-large')
        : error;
    }
  };

  #poolFor({ origin, pathname }: URL, name = origin + pathname): Pool {
    if (this.#closing !== undefined) throw new TransportError('closed');
    let pool = this.#pools.get(name);
    if (pool === undefined) {
      pool = new Pool(origin, {
        connections: this.#options.maxConnections,
        connect: connectorWithin(this.#options.connectTimeoutMs),
        maxResponseSize: this.#maxBodyBytes,
        // The deadline of the whole call covers both waits. Idle connections are closed after undici's 4 seconds or what
        // the server hints at, so that a call rarely meets a connection that the server is just closing.
        headersTimeout: 0,
        bodyTimeout: 0,
      }).compose(sayConnected) as Pool;
      this.#pools.set(name, pool);
    }
    return pool;
  }
}

/** Says of each call that it has a connection now. */
const sayConnected: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  const { opaque: waits } = options as { opaque?: (isQueued: boolean) => void };
  if (waits !== undefined) {
    const start = handler.onRequestStart?.bind(handler);
    handler.onRequestStart = (controller, context) => {
      waits(false);
      start?.(controller, context);
    };
  }
  return dispatch(options, handler);
};

/**
 * A connector that fails with `UND_ERR_CONNECT_TIMEOUT` when name lookup, TCP and TLS together take longer than `timeoutMs`
 * milliseconds. undici's own deadline comes up to a second late, because its timers tick twice a second; it is set all the same,
 * to clean up the socket that is given up here.
 */
function connectorWithin(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs });
  return (options, callback) => {
    let givenUp = false;
    const timer = setTimeout(() => {
      givenUp = true;
      callback(new NotConnectedError(new errors.ConnectTimeoutError()), null);
    }, timeoutMs);
    connect(options, (error, socket) => {
      clearTimeout(timer);
      if (givenUp) socket?.destroy();
      else if (error === null) callback(null, socket);
      else callback(new NotConnectedError(error), null);
    });
  };
}
