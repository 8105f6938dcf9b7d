// The issuer's key set at its URL: one bounded request, over a connection of its own.
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Client, errors } from 'undici';
import { type KeyPace, type KeySource, KeySourceError, type KeySourceFault, MAX_KEY_SET_BYTES } from './key-source.js';

/** Answers come compressed from some servers, although they are asked not to. */
const DECODERS = new Map([
  ['gzip', promisify(gunzip)],
  // Its other name (RFC 9110, 8.4.1.3).
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

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
      const { statusCode, headers, body } = await client.request({
        method: 'GET',
        path: this.#url.pathname + this.#url.search,
        headers: { Accept: 'application/jwk-set+json, application/json', 'Accept-Encoding': 'identity' },
        signal: deadline,
      });
      // Destroying the client fails a body that nobody reads.
      body.on('error', () => undefined);
      if (statusCode !== 200) throw new KeySourceError(statusCode >= 300 && statusCode < 400 ? 'redirect' : 'status');
      return await decoded(Buffer.from(await body.arrayBuffer()), String(headers['content-encoding'] ?? 'identity'));
    } catch (error) {
      throw error instanceof KeySourceError ? error : new KeySourceError(faultOf(error, deadline));
    } finally {
      await client.destroy();
    }
  }
}

async function decoded(bytes: Buffer, encoding: string): Promise<string> {
  // Some stores of files send the header without a value.
  const name = encoding.trim().toLowerCase() || 'identity';
  const decode = DECODERS.get(name);
  if (decode === undefined && name !== 'identity') throw new KeySourceError('encoding');
  try {
    return new TextDecoder().decode((await decode?.(bytes, { maxOutputLength: MAX_KEY_SET_BYTES })) ?? bytes);
  } catch (error) {
    const isTooLarge = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw new KeySourceError(isTooLarge ? 'too-large' : 'encoding');
  }
}

function faultOf(error: unknown, deadline: AbortSignal): KeySourceFault {
  if (deadline.aborted) return 'timeout';
  return error instanceof errors.ResponseExceededMaxSizeError ? 'too-large' : 'unreachable';
}
