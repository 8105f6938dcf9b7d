// The closed list of what can go wrong for a caller: stable codes, their HTTP status and title.

/** Stable code of a problem; clients decide by it. The table of codes is part of the players' API. */
export type ProblemCode =
  | 'invalid-request'
  | 'unauthenticated'
  | 'insufficient-scope'
  | 'not-entitled'
  | 'content-not-found'
  | 'purchase-not-found'
  | 'output-policy-not-found'
  | 'drm-not-available'
  | 'version-conflict'
  | 'precondition-failed'
  | 'route-not-found'
  | 'method-not-allowed'
  | 'not-acceptable'
  | 'request-timeout'
  | 'payload-too-large'
  | 'unsupported-media-type'
  | 'rate-limited'
  | 'headers-too-large'
  | 'upstream-rejected'
  | 'upstream-unavailable'
  | 'token-balance-exhausted'
  | 'overloaded'
  | 'service-unavailable'
  | 'upstream-timeout'
  | 'internal-error';

/** What is fixed for every problem of a code. */
export interface ProblemKind {
  /** HTTP status. */
  readonly status: number;
  /** Short text of the kind of problem, the same in every occurrence (RFC 9457, 3.1.3). */
  readonly title: string;
}

/** Status and title of each code. */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemKind>> = {
  'invalid-request': { status: 400, title: 'The request is invalid' },
  unauthenticated: { status: 401, title: 'A valid bearer token is required' },
  'insufficient-scope': { status: 403, title: 'The bearer token does not allow this' },
  'not-entitled': { status: 403, title: 'Not entitled to this content' },
  'content-not-found': { status: 404, title: 'No such content' },
  'purchase-not-found': { status: 404, title: 'No such purchase' },
  'output-policy-not-found': { status: 404, title: 'No such output policy' },
  'version-conflict': { status: 409, title: 'The version is taken by something else' },
  'precondition-failed': { status: 412, title: 'Changed by somebody else in between' },
  'drm-not-available': { status: 409, title: 'This content is not available with this DRM' },
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
};
