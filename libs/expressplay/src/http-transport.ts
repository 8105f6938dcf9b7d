// Posts a form and reads the answer, whatever its status: axios over a pool of connections.
import axios, { type AxiosInstance } from 'axios';
import { ExpressPlayError } from './errors.js';
import { traceHeaders } from './exchange.js';
import { PoolAdapter, type PoolLoad } from './pool-adapter.js';
import { nameTransportFailure } from './transport-failure.js';

/** The longest answer that is read. A token answer has some hundreds of bytes, an error page some thousands. */
const MAX_BODY_BYTES = 64 * 1024;

/** Deadlines and limits of the transport. */
export interface TransportOptions {
  /** Milliseconds until a connection stands, name lookup and TLS included. */
  connectTimeoutMs: number;
  /** Milliseconds until the last byte of the answer is read, waiting for a connection included. */
  timeoutMs: number;
  /** Connections to one origin. */
  maxConnections: number;
}

/** An answer of any status. */
export interface HttpAnswer {
  status: number;
  /** At most 64 KiB, decoded as UTF-8. */
  body: string;
}

/** The HTTP side of the client. */
export class HttpTransport {
  readonly #pools: PoolAdapter;
  readonly #axios: AxiosInstance;

  constructor(options: TransportOptions) {
    this.#pools = new PoolAdapter({
      connectTimeoutMs: options.connectTimeoutMs,
      maxConnections: options.maxConnections,
      maxBodyBytes: MAX_BODY_BYTES,
    });
    this.#axios = axios.create({
      adapter: this.#pools.adapter,
      timeout: options.timeoutMs,
      maxRedirects: 0,
      proxy: false,
      // The body is ready to be sent as it is, and wanted as the string it comes as: the default transformations would only guess at it.
      transformRequest: [(data: unknown) => data],
      transformResponse: [(data: unknown) => data],
      validateStatus: () => true,
      headers: {
        Accept: 'text/uri-list, application/json, text/html;q=0.5',
        'Content-Type': 'application/x-www-form-urlencoded',
      },
    });
  }

  /**
   * Posts a form once. It is never sent again by itself: a token may have been issued and charged for although no answer came, and
   * a second try would buy another. Whether to ask again is the caller's decision.
   *
   * @param url where to
   * @param form `application/x-www-form-urlencoded`. When this has returned or thrown, nobody reads it any more.
   * @param traceparent the trace that the call belongs to, if any
   * @throws TransportError when no whole answer came
   * @throws UnreadableAnswerError when its body has more than 64 KiB
   */
  async post(url: string, form: string | Uint8Array, traceparent?: string): Promise<HttpAnswer> {
    try {
      const { status, data } = await this.#axios.post<string>(url, form, { headers: traceHeaders(traceparent) });
      return { status, body: data };
    } catch (error) {
      // The adapter throws errors of ours. Anything else comes from axios and may carry the request, so it ends here.
      throw error instanceof ExpressPlayError ? error : nameTransportFailure(error, false);
    }
  }

  /** Calls and connections at the moment. */
  get load(): PoolLoad {
    return this.#pools.load;
  }

  /** Lets calls in flight finish and closes the connections. */
  close(): Promise<void> {
    return this.#pools.close();
  }
}
