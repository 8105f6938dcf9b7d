// The trace that the running code belongs to. One for all services of a process: each request has a context of its own.
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { AbandonedError } from '@app/platform/clock';
import { PROBLEMS, toDomainError } from '@app/platform/problems';
import { flagsOf, traceparentOf } from './trace-context.js';

/** Where in a trace the running code is. */
interface ActiveTrace {
  readonly tracer: Tracer;
  /** The span of the request that is worked on. */
  readonly request: Span;
  /** The span that the code runs in. */
  readonly span: Span;
}

/** Fields that a log line finds its trace by. */
interface TraceFields {
  readonly traceId: string;
  readonly spanId: string;
  /** `01` when the trace is exported, `00` when it is not. */
  readonly traceFlags: string;
}

const active = new AsyncLocalStorage<ActiveTrace>();
/** The spans of requests, by whatever stands for each. */
export const requests = new WeakMap<object, Span>();

/** Runs `work`, and all that it starts, within a request's trace. */
export function runInTrace<T>(activeTrace: ActiveTrace, work: () => T): T {
  return active.run(activeTrace, work);
}

/**
 * Runs `work` within a span of its own. Where nothing is traced, or this request is not, it runs as it is.
 * @param options.client whether the span is a call to another service
 * @param options.failureOf names what failed; by default it is the problem's code
 * @throws what `work` throws; the span has its name alone
 */
export async function inSpan<T>(
  name: string,
  options: { attributes?: Attributes; client?: boolean; failureOf?: (error: unknown) => Failure },
  work: () => Promise<T>,
): Promise<T> {
  const { attributes = {}, client = false, failureOf = failureOfProblem } = options;
  const outer = active.getStore();
  if (outer === undefined || !outer.request.isRecording()) return work();
  const parent = trace.setSpan(ROOT_CONTEXT, outer.span);
  const kind = client ? SpanKind.CLIENT : SpanKind.INTERNAL;
  const span = outer.tracer.startSpan(name, { kind, attributes }, parent);
  return active.run({ ...outer, span }, async () => {
    try {
      return await work();
    } catch (error) {
      recordFailure(span, failureOf(error));
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Adds attributes to the span that the running code is in. They are exported: never a secret, nor who the user is. */
export function annotateSpan(attributes: Attributes): void {
  annotate(active.getStore()?.span, attributes);
}

/** Adds attributes to the request's span. They are exported: never a secret, nor who the user is. */
export function annotateRequest(attributes: Attributes): void {
  annotate(active.getStore()?.request, attributes);
}

/** The `traceparent` for a call that is made now; undefined where nothing is traced. */
export function currentTraceparent(): string | undefined {
  const span = active.getStore()?.span;
  return span && traceparentOf(span.spanContext());
}

/** The fields of a line about a request as a whole; undefined where it is not traced. */
export function traceFieldsOf(request: object): TraceFields | undefined {
  return fieldsOf(requests.get(request));
}

/** The fields of a line that is written now; undefined where nothing is traced. */
export function currentTraceFields(): TraceFields | undefined {
  return fieldsOf(active.getStore()?.span);
}

function fieldsOf(span: Span | undefined): TraceFields | undefined {
  if (span === undefined) return undefined;
  const { traceId, spanId, traceFlags } = span.spanContext();
  return { traceId, spanId, traceFlags: flagsOf(traceFlags) };
}

/** A span that has ended takes no more; the work of a request that was given up may go on. */
function annotate(span: Span | undefined, attributes: Attributes): void {
  if (span?.isRecording() === true) span.setAttributes(attributes);
}

/** A failure, as a span has it: a name out of a closed set, and no text, stack or cause, which could hold anything. */
export interface Failure {
  /** `error.type`: a problem's code, or another name that an operator knows. */
  readonly type: string;
  /** Whether the span counts as failed; what a caller did wrong does not. */
  readonly isFault: boolean;
  readonly attributes?: Attributes;
}

/** The failure by the code of its problem. */
export function failureOfProblem(error: unknown): Failure {
  // Its caller hung up.
  if (error instanceof AbandonedError) return { type: 'aborted', isFault: false };
  const { code } = toDomainError(error);
  return { type: code, isFault: PROBLEMS[code].status >= 500 };
}

export function recordFailure(span: Span, { type, isFault, attributes = {} }: Failure): void {
  if (!span.isRecording()) return;
  span.setAttributes({ ...attributes, 'error.type': type });
  if (isFault) span.setStatus({ code: SpanStatusCode.ERROR });
}
