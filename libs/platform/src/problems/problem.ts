// What can go wrong for a caller: the closed list of codes, the error that services throw, and the document that is answered (RFC 9457).

/** HTTP status of each code, and the title that is the same in every occurrence (RFC 9457, 3.1.3). */
export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request is invalid' },
  unauthenticated: { status: 401, title: 'A valid bearer token is required' },
  'insufficient-scope': { status: 403, title: 'The bearer token does not allow this' },
  'not-entitled': { status: 403, title: 'Not entitled to this content' },
  'content-not-found': { status: 404, title: 'No such content' },
  'purchase-not-found': { status: 404, title: 'No such purchase' },
  'output-policy-not-found': { status: 404, title: 'No such output policy' },
  'version-conflict': { status: 409, title: 'The version is taken by something else' },
  'precondition-failed': { status: 412, title: 'Changed by somebody else in between' },
  'offline-not-available': { status: 409, title: 'This DRM has no licences to keep' },
  'drm-not-available': { status: 409, title: 'This content is not available with this DRM' },
  'kid-required': { status: 409, title: 'This content has several keys' },
  'route-not-found': { status: 404, title: 'No such address' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'not-acceptable': { status: 406, title: 'None of the accepted media types can be answered' },
  'request-timeout': { status: 408, title: 'The request came too slowly' },
  'payload-too-large': { status: 413, title: 'The request body is too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The request headers are too large' },
  'upstream-rejected': { status: 502, title: 'The licence service refused the request' },
  'upstream-unavailable': { status: 503, title: 'The licence service is unavailable' },
  'token-balance-exhausted': { status: 503, title: 'No licence tokens are left' },
  overloaded: { status: 503, title: 'Too many requests at once' },
  'service-unavailable': { status: 503, title: 'The service is unavailable' },
  'upstream-timeout': { status: 504, title: 'The licence service did not answer in time' },
  'internal-error': { status: 500, title: 'Internal error' },
} satisfies Record<string, { status: number; title: string }>;

/** Stable code of a problem; clients decide by it. The table of codes is part of the players' API. */
export type ProblemCode = keyof typeof PROBLEMS;

/** What may accompany a DomainError. */
export interface DomainErrorOptions {
  /** More members of the problem document, for example `reason` or `errors`. Never a secret. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** When trying again makes sense, in seconds from now. */
  readonly retryAfterSeconds?: number;
  /** Headers that the answer must carry, for example `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** At which level a server fault is logged; by default `error` for 500 and 502, `warn` for 503 and 504. */
  readonly logLevel?: 'error' | 'warn';
  /** What caused it: logged for server faults, never shown to the caller. */
  readonly cause?: unknown;
}

/**
 * An error that the caller is told about. `detail` is shown to the caller as it is, so it is made of fixed words and
 * names that the caller knows, never of secrets or of another error's text.
 */
export class DomainError extends Error {
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly logLevel: 'error' | 'warn' | undefined;

  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    options: DomainErrorOptions = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.extensions = options.extensions ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.headers = options.headers ?? {};
    this.logLevel = options.logLevel;
  }
}

/** One text for all, so that what is hidden cannot be told from what does not exist. */
export const NOTHING_THERE = 'There is nothing at this address.';

/** The answer of the router to an address that it does not know, for use before or instead of the router. */
export class RouteNotFoundError extends DomainError {
  constructor() {
    super('route-not-found', NOTHING_THERE);
  }
}

/** Media type of a problem document. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/**
 * The `application/problem+json` body for an error. Extensions cannot replace the members that every document has.
 * @param requestId the id that the answer's `X-Request-Id` and the log lines carry
 */
export function problemDocument(error: DomainError, requestId?: string) {
  const { status, title } = PROBLEMS[error.code];
  return {
    ...error.extensions,
    type: `urn:expressplay-bff:problem:${error.code}`,
    title,
    status,
    detail: error.detail,
    code: error.code,
    ...(requestId === undefined ? {} : { requestId }),
  };
}
