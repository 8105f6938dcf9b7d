// ExpressPlay's record retrieval: which tokens were redeemed. Meant for troubleshooting; nothing of production may stand on it.
import { AccountApi, type AccountApiOptions, isObject, listIn, textIn } from './account-api.js';
import { UnreadableAnswerError } from './errors.js';

/** One event of the redemption servers' log. */
export interface RedemptionRecord {
  /** The same for the same event, however often it is read. */
  readonly eventId: string;
  /** The cookie of the token; null for one that had none. */
  readonly cookie: string | null;
  readonly deviceId: string | null;
}

/** The most records of one page. */
export const LONGEST_PAGE = 200;

/** The records of one account in one environment. */
export class RecordsClient {
  readonly #api: AccountApi;

  /** @throws InvalidTokenRequestError, TypeError as the constructor of `ExpressPlayClient` */
  constructor(options: AccountApiOptions) {
    this.#api = new AccountApi(options);
  }

  /** The newest 32. @throws RefusedError, UnreadableAnswerError, TransportError */
  newest(): Promise<RedemptionRecord[]> {
    return this.#find({});
  }

  /** Those of a cookie. @throws as `newest` */
  ofCookie(cookie: string): Promise<RedemptionRecord[]> {
    return this.#find({ cookie });
  }

  /** At most `length` (1 to 200) from `start` on, which counts from 0. @throws as `newest` */
  page(start: number, length: number = LONGEST_PAGE): Promise<RedemptionRecord[]> {
    return this.#find({ start: String(start), length: String(length) });
  }

  /** Lets calls in flight finish, and closes the connections. */
  close(): Promise<void> {
    return this.#api.close();
  }

  async #find(query: Record<string, string>): Promise<RedemptionRecord[]> {
    const json = await this.#api.ask({ method: 'GET', path: '/cmiapi/getrecord/', query });
    // Nothing found may be said by an empty body.
    const records = json === undefined ? [] : (listIn(json) ?? (isObject(json) ? [json] : undefined));
    if (records === undefined) throw new UnreadableAnswerError(200, 'no-record');
    return records.map(readRecord);
  }
}

/** Of the names only `event_id` is published. @throws UnreadableAnswerError when it is not there */
function readRecord(json: unknown): RedemptionRecord {
  const eventId = isObject(json) ? textIn(json, 'event_id', 'eventId') : undefined;
  if (eventId === undefined || !isObject(json)) throw new UnreadableAnswerError(200, 'no-record');
  return {
    eventId,
    cookie: textIn(json, 'cookie', 'Cookie', 'customerCookie') ?? null,
    deviceId: textIn(json, 'device_id', 'deviceId') ?? null,
  };
}
