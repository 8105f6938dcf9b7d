// Where the issuer's key set is read: at its URL, in one bounded request, or in a file, which may be swapped under its name.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Client, errors } from 'undici';
import { pathOf } from '../environment/formats.js';

/** How often a source is asked, and how long its last good answer lasts, in seconds. */
export interface KeyPace {
  /** How long a set is used before it is read again. */
  readonly refreshSeconds: number;
  /** How long a set that is due is still used without waiting for the next one, for as long as it is fetched. */
  readonly overlapSeconds: number;
  /** Least time between attempts while the set is due, so that a failing source is not overrun. */
  readonly retrySeconds: number;
  /** Least time between attempts caused by tokens that no key verifies: forged tokens must not make us a flood. */
  readonly unknownKeySeconds: number;
  /** How long a set that is due is still used when it cannot be read again. */
  readonly maxStaleSeconds: number;
}

/** Something that has the text of a JSON Web Key Set (RFC 7517). */
export interface KeySource {
  readonly pace: KeyPace;
  /** Whether a set with no key in it is an answer, by which all keys are withdrawn, and not a fault. */
  readonly mayBeEmpty?: boolean;
  /**
   * The text as it is now, at most `MAX_KEY_SET_BYTES` long.
   *
   * @throws KeySourceError when it cannot be had in time
   */
  read(): Promise<string>;
}

/** Longest key set that is read, in bytes; large issuers publish some tens of thousands. */
export const MAX_KEY_SET_BYTES = 256 * 1024;

/** What can be wrong with a source or its answer, in fixed words: nothing of it is repeated. */
export const KEY_SOURCE_FAULTS = {
  unreachable: 'The key set cannot be reached.',
  timeout: 'The key set did not arrive in time.',
  redirect: 'The key set is redirected elsewhere, which is not followed.',
  status: 'The key set is answered with an error.',
  'too-large': 'The key set is larger than any that is read.',
  unreadable: 'The key set cannot be read.',
  encoding: 'The key set is encoded in a way that cannot be read.',
  'not-a-key-set': 'The answer is not a JSON Web Key Set.',
  'no-usable-key': 'The key set has no key that may verify a token.',
} as const;

export type KeySourceFault = keyof typeof KEY_SOURCE_FAULTS;

/** The keys could not be read. It carries no cause: a foreign error's text may quote the source or its answer. */
export class KeySourceError extends Error {
  override readonly name = 'KeySourceError';

  constructor(readonly reason: KeySourceFault) {
    super(KEY_SOURCE_FAULTS[reason]);
  }
}

/** Answers come compressed from some servers, although they are asked not to. */
const DECODERS = new Map([
  ['gzip', promisify(gunzip)],
  // Its other name (RFC 9110, 8.4.1.3).
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

interface JwksUrlOptions {
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
      if (error instanceof KeySourceError) throw error;
      if (deadline.aborted) throw new KeySourceError('timeout');
      throw new KeySourceError(error instanceof errors.ResponseExceededMaxSizeError ? 'too-large' : 'unreachable');
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

/** A key set in a file. The last good content stays in force for as long as the file cannot be read. */
export class JwksFile implements KeySource {
  readonly pace: KeyPace = {
    refreshSeconds: 5,
    // Reading it takes no time worth sparing.
    overlapSeconds: 0,
    retrySeconds: 5,
    unknownKeySeconds: 1,
    maxStaleSeconds: Number.POSITIVE_INFINITY,
  };

  constructor(private readonly path: string) {}

  async read(): Promise<string> {
    let content: string;
    try {
      // Anything but a file, a pipe or a device say, could be waited on for ever.
      if (!(await stat(this.path)).isFile()) throw new KeySourceError('unreadable');
      content = await text(createReadStream(this.path, { end: MAX_KEY_SET_BYTES }));
    } catch {
      // The error would quote the path.
      throw new KeySourceError('unreadable');
    }
    if (Buffer.byteLength(content) > MAX_KEY_SET_BYTES) throw new KeySourceError('too-large');
    return content;
  }
}

/** The file or the address that a URL names. */
export function keySource(url: string, limits: JwksUrlOptions): JwksFile | JwksUrl {
  const path = pathOf(url);
  return path === undefined ? new JwksUrl(url, limits) : new JwksFile(path);
}
