// ExpressPlay's key storage ("Simple Key Management"): content keys by KID, for token requests with `kek` and `kid`.
import { AccountApi, type AccountApiOptions, isObject, listIn, textIn } from './account-api.js';
import { RefusedError, UnreadableAnswerError } from './errors.js';
import { checkKey, checkKid } from './keys.js';

/** A key to be stored: wrapped, so that neither it nor its KEK leaves in the clear. */
export interface KeyToStore {
  /** The KID: 32 hex digits. */
  kid: string;
  /** What the KEK is called; ExpressPlay does not need to know it. */
  kekId: string;
  /** The content key wrapped under the KEK with RFC 3394, 24 bytes. */
  ek: Uint8Array;
  contentId?: string;
}

/** A key as it is stored. */
export interface StoredContentKey {
  /** The KID: hex in lower case, or `^` and a text. */
  readonly kid: string;
  readonly kekId: string | undefined;
  /** The wrapped key, 24 bytes; undefined where a list says no more than KIDs. */
  readonly ek: Uint8Array | undefined;
  readonly contentId: string | undefined;
  /** As ExpressPlay writes it. */
  readonly lastUpdate: string | undefined;
}

/**
 * The key storage of one account in one environment. It never sends a KEK: with `kek` in the query, and so in access logs on the
 * way, the storage would wrap and unwrap keys itself.
 */
export class KeyStorageClient {
  readonly #api: AccountApi;

  /** @throws InvalidTokenRequestError, TypeError as the constructor of `ExpressPlayClient` */
  constructor(options: AccountApiOptions) {
    this.#api = new AccountApi(options);
  }

  /** All keys. @throws RefusedError, UnreadableAnswerError, TransportError */
  async list(): Promise<StoredContentKey[]> {
    const keys = listIn(await this.#api.ask({ method: 'GET', path: PATH }));
    if (keys === undefined) throw new UnreadableAnswerError(200, 'no-record');
    return keys.map((key) => readKey(typeof key === 'string' ? { kid: key } : key));
  }

  /** The key of a KID; undefined when there is none. @throws InvalidTokenRequestError as `checkKid`, and as `list` */
  async get(kid: string): Promise<StoredContentKey | undefined> {
    try {
      return readKey(await this.#api.ask({ method: 'GET', path: pathOf(kid) }));
    } catch (error) {
      if (isNotThere(error)) return undefined;
      throw error;
    }
  }

  /**
   * Stores a key, in the place of any that has its KID. Doing it again changes nothing.
   *
   * @throws InvalidTokenRequestError as `checkKid`, or -4024 for a wrapped key of other than 24 bytes; and as `list`
   */
  async store({ kid, kekId, ek, contentId }: KeyToStore): Promise<StoredContentKey> {
    checkKid(kid);
    checkKey({ kind: 'wrapped', kek: NO_KEK, ek });
    const body = { kid, kekId, ek: Buffer.from(ek).toString('hex'), ...(contentId !== undefined && { contentId }) };
    return readKey(await this.#api.ask({ method: 'POST', path: PATH, body }));
  }

  /** @returns whether it was there. @throws as `get` */
  async delete(kid: string): Promise<boolean> {
    try {
      await this.#api.ask({ method: 'DELETE', path: pathOf(kid) });
      return true;
    } catch (error) {
      if (isNotThere(error)) return false;
      throw error;
    }
  }

  /** Lets calls in flight finish, and closes the connections. */
  close(): Promise<void> {
    return this.#api.close();
  }
}

const PATH = '/keystore/keys';

/** Of the right length, for the check alone. */
const NO_KEK = new Uint8Array(16);

function pathOf(kid: string): string {
  checkKid(kid);
  return `${PATH}/${encodeURIComponent(kid)}`;
}

function isNotThere(error: unknown): boolean {
  return error instanceof RefusedError && error.httpStatus === 404;
}

/** @throws UnreadableAnswerError when it has no KID, or a wrapped key that is none */
function readKey(json: unknown): StoredContentKey {
  const kid = isObject(json) ? textIn(json, 'kid') : undefined;
  if (kid === undefined || !isObject(json)) throw new UnreadableAnswerError(200, 'no-record');
  const ek = textIn(json, 'ek');
  if (ek !== undefined && !/^[0-9a-f]{48}$/i.test(ek)) throw new UnreadableAnswerError(200, 'no-record');
  return {
    kid: kid.startsWith('^') ? kid : kid.toLowerCase(),
    kekId: textIn(json, 'kekId'),
    ek: ek === undefined ? undefined : new Uint8Array(Buffer.from(ek, 'hex')),
    contentId: textIn(json, 'contentId'),
    lastUpdate: textIn(json, 'lastUpdate'),
  };
}
