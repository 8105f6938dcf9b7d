// The body of an error answer, as RFC 9457 has it.
import type { DomainError } from './domain.error.js';
import { type ProblemCode, PROBLEMS } from './problem-codes.js';

/** Media type of a problem document. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** An `application/problem+json` body; extensions stand beside these members. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  /** The id that the answer's `X-Request-Id` and the log lines carry. */
  readonly requestId?: string;
  readonly [extension: string]: unknown;
}

/** The document for an error. Extensions cannot replace the members that every document has. */
export function problemDocument(error: DomainError, requestId?: string): ProblemDocument {
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
