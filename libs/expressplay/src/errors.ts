// The four ways in which a token request can fail. None of them carries the request, an answer's body or a cause.
import { EVENT_CODES, type EventCode, type EventCodeName, isEventCode } from './codes.js';

/** What every failure of a client of ExpressPlay's is. */
export abstract class ExpressPlayError extends Error {
  abstract readonly kind: 'invalid-request' | 'refused' | 'unreadable' | 'transport';
}

const FAULTS = {
  'documented-name': 'an additional parameter has a name that the request itself decides on',
  'duplicate-name': 'an additional parameter is given twice',
  'empty-name': 'an additional parameter has no name',
  'rental-without-end': 'a rental of 0 seconds would be taken for no rental, and never end',
  'several-keks': 'all keys of a request are wrapped under one KEK, or all are clear',
  'ill-formed-text': 'it is not well-formed Unicode and would arrive as something else',
};

/** What no event code stands for, and is wrong all the same. */
export type ParameterFault = keyof typeof FAULTS;

/** A request that ExpressPlay would refuse, or would not get as it was meant. Nothing was sent. */
export class InvalidTokenRequestError extends ExpressPlayError {
  override readonly name = 'InvalidTokenRequestError';
  override readonly kind = 'invalid-request';
  /** The event code that ExpressPlay would give; undefined when there is none for it. */
  readonly code: EventCode | undefined;
  readonly codeName: EventCodeName | undefined;
  /** What is wrong when there is no code for it. */
  readonly fault: ParameterFault | undefined;

  /**
   * @param parameter the wire name of the parameter at fault; its value is never kept
   * @param problem the event code that ExpressPlay would give, or a fault that it has no code for
   */
  constructor(
    readonly parameter: string,
    problem: EventCode | ParameterFault,
  ) {
    super(
      typeof problem === 'number'
        ? `${parameter} would be refused by ExpressPlay: ${problem} ${EVENT_CODES[problem].name}`
        : `${JSON.stringify(parameter)} cannot be sent to ExpressPlay: ${FAULTS[problem]}`,
    );
    this.code = typeof problem === 'number' ? problem : undefined;
    this.codeName = typeof problem === 'number' ? EVENT_CODES[problem].name : undefined;
    this.fault = typeof problem === 'number' ? undefined : problem;
  }
}

/** ExpressPlay answered, and the answer is no. Decide by `code`, not by `httpStatus`. */
export class RefusedError extends ExpressPlayError {
  override readonly name = 'RefusedError';
  override readonly kind = 'refused';
  /** The name of a documented code; undefined when there was no code or an undocumented one. */
  readonly codeName: EventCodeName | undefined;

  /**
   * @param httpStatus the status of the answer
   * @param code the event code found in the answer, documented or not; undefined when there was none
   * @param excerpt the answer's text without secrets, at most 200 characters (see `excerptOf`)
   * @param what what was refused, for the message
   */
  constructor(
    readonly httpStatus: number,
    readonly code: number | undefined,
    readonly excerpt: string,
    what = 'the token request',
  ) {
    const codeName = code !== undefined && isEventCode(code) ? EVENT_CODES[code].name : undefined;
    const why = code === undefined ? 'no event code' : `${code} ${codeName ?? 'undocumented'}`;
    super(`ExpressPlay refused ${what}: ${why} (HTTP ${httpStatus})`);
    this.codeName = codeName;
  }
}

const UNREADABLE = {
  'too-large': 'its body is too large',
  'unexpected-status': 'it is a success of another status than 200',
  'no-token': 'its body is neither of the two documented shapes',
  'bad-url': 'its licence URL is not a plain http or https URL',
  'foreign-host': "its licence URL has a host that is not one of ExpressPlay's",
  'bad-token': 'its token is not URL-safe base64',
  'no-record': 'its body is not the JSON of stored keys or of records',
};

/** Why an answer cannot be believed. */
export type UnreadableReason = keyof typeof UNREADABLE;

/** ExpressPlay answered with something that is neither a token nor a refusal. A token may have been charged for. */
export class UnreadableAnswerError extends ExpressPlayError {
  override readonly name = 'UnreadableAnswerError';
  override readonly kind = 'unreadable';

  constructor(
    readonly httpStatus: number,
    readonly reason: UnreadableReason,
  ) {
    super(`ExpressPlay's answer is unreadable: ${UNREADABLE[reason]} (HTTP ${httpStatus})`);
  }
}

const FAILURES = {
  connect: 'no connection could be made', // name not found, connection refused, TLS not agreed on
  'connect-timeout': 'no connection was made in time',
  timeout: 'no complete answer came in time',
  reset: 'the connection broke',
  protocol: 'the answer is not HTTP',
  closed: 'the client is closed',
  other: 'the call failed',
};

/**
 * Why no complete answer came. After `connect`, `connect-timeout` and `closed` nothing was sent; after the others ExpressPlay may
 * have issued a token and charged for it.
 */
export type TransportFailureReason = keyof typeof FAILURES;

/** No complete answer came from ExpressPlay. */
export class TransportError extends ExpressPlayError {
  override readonly name = 'TransportError';
  override readonly kind = 'transport';

  /**
   * @param reason what happened
   * @param code the system's or the HTTP library's name for it, such as `ECONNREFUSED`
   */
  constructor(
    readonly reason: TransportFailureReason,
    readonly code?: string,
  ) {
    super(`ExpressPlay could not be asked: ${FAILURES[reason]}${code === undefined ? '' : ` (${code})`}`);
  }

  /** Whether a deadline passed (a gateway's 504), as opposed to ExpressPlay being out of reach (503). */
  get timeout(): boolean {
    return this.reason === 'timeout' || this.reason === 'connect-timeout';
  }
}

/** No complete answer came in time, most of which had gone by before a connection was free: that says little of ExpressPlay. */
export class QueueTimeoutError extends TransportError {
  constructor() {
    super('timeout');
  }
}
