// A refusal by one of ExpressPlay's documented event codes, and the HTTP status each code answers with.
import { describeEventCode, type EventCode } from '@app/expressplay';

const UNAUTHORIZED: readonly EventCode[] = [-2017, -2018, -2031];
const SERVER_ERROR: readonly EventCode[] = [-2030, -4019, -6004, -7008];

/** A placeholder such as ": details" at the end of a published meaning, and what the table adds after it. */
const PLACEHOLDER = /: (?:details|format)\b.*$/;

/** Details may quote a value of the request, however long it is. */
const LONGEST_DETAIL = 200;

/** A request that ExpressPlay would refuse. Its message is the published meaning, with the detail when there is one. */
export class EventError extends Error {
  override readonly name = 'EventError';

  /**
   * @param code a documented event code
   * @param detail what is wrong, for the person who reads the answer; never a key or an authenticator
   */
  constructor(
    readonly code: EventCode,
    detail?: string,
  ) {
    const meaning = (describeEventCode(code)?.meaning ?? '').replace(PLACEHOLDER, '');
    super(detail === undefined ? meaning : `${meaning}: ${shortened(detail)}`);
  }

  /** The HTTP status of the answer: published are 400, 401 and 50x, which code has which is this project's choice. */
  get status(): 400 | 401 | 500 {
    if (UNAUTHORIZED.includes(this.code)) return 401;
    return SERVER_ERROR.includes(this.code) ? 500 : 400;
  }
}

function shortened(detail: string): string {
  return detail.length > LONGEST_DETAIL ? `${detail.slice(0, LONGEST_DETAIL)}…` : detail;
}
