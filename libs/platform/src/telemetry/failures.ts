// What a span says of a failure: a name out of a closed set, and no text, stack or cause, which could hold anything.
import { type Attributes, type Span, SpanStatusCode } from '@opentelemetry/api';
import { PROBLEMS, toDomainError } from '@app/platform/problems';

/** A failure, as a span has it. */
export interface Failure {
  /** `error.type`: a problem's code, or another name that an operator knows. */
  readonly type: string;
  /** Whether the span counts as failed; what a caller did wrong does not. */
  readonly isFault: boolean;
  readonly attributes?: Attributes;
}

/** Names the failure that an error is. */
export type FailureNamer = (error: unknown) => Failure;

/** The failure by the code of its problem. */
export function failureOfProblem(error: unknown): Failure {
  const { code } = toDomainError(error);
  return { type: code, isFault: PROBLEMS[code].status >= 500 };
}

/** Writes a failure on a span. */
export function recordFailure(span: Span, { type, isFault, attributes = {} }: Failure): void {
  if (!span.isRecording()) return;
  span.setAttributes({ ...attributes, 'error.type': type });
  if (isFault) span.setStatus({ code: SpanStatusCode.ERROR });
}
