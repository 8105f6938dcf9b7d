// The issuer's key set at its URL: one bounded request, over a connection of its own.
import { Client, errors } from 'undici';
import { type KeyPace, type KeySource, KeySourceError, type KeySourceFault, MAX_KEY_SET_BYTES } from './key-source.js';

/** Limits of a fetch. */
export interface JwksUrlOptions {
  /** Longest wait for the whole answer, connection included, in ms. */
  readonly timeoutMs: number;
  /** How long keys are still used when they cannot be fetched again, in seconds. */
  readonly maxStaleSeconds: number;
}

/** A key set on the web. Redirects are not followed: the keys are those of the configured address or none. */
export class JwksUrl implements KeySource {
  readonly pace: KeyPace;
  /** The issuer has said so itself, in a whole answer without fault. A file without keys rather is a mistake. */
  readonly mayBeEmpty = true;
  readonly #url: URL;
  readonly #timeoutMs: number;

  constructor(url: string, { timeoutMs, maxStaleSeconds }: JwksUrlOptions) {
    this.#url = new URL(url);
    this.#timeoutMs = timeoutMs;
    this.pace = { refreshSeconds: 600, overlapSeconds: 60, retrySeconds: 5, unknownKeySeconds: 30, maxStaleSeconds };
  }

  async read(): Promise<string> {
    // Fetches are minutes apart, so no connection is kept, and ending this one also ends an answer that goes on and on.
    const client = new Client(this.#url.origin, {
      maxResponseSize: MAX_KEY_SET_BYTES,
      connectTimeout: this.#timeoutMs,
    });
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    try {
      const { statusCode, body } = await client.request({
        method: 'GET',
        path: this.#url.pathname,
        headers: { Accept: 'application/jwk-set+json, application/json', 'Accept-Encoding': 'identity' },
        signal: deadline,
      });
      // Destroying the client fails a body that nobody reads.
      body.on('error', () => undefined);
      if (statusCode !== 200) throw new KeySourceError(statusCode >= 300 && statusCode < 400 ? 'redirect' : 'status');
      return await body.text();
    } catch (error) {
      throw error instanceof KeySourceError ? error : new KeySourceError(faultOf(error, deadline));
    } finally {
      await client.destroy();
    }
  }
}

function faultOf(error: unknown, deadline: AbortSignal): KeySourceFault {
  if (deadline.aborted) return 'timeout';
  return error instanceof errors.ResponseExceededMaxSizeError ? 'too-large' : 'unreachable';
}
