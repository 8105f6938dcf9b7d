// Trace context as it travels between processes: W3C Trace Context, https://www.w3.org/TR/trace-context/.
import { createTraceState, type SpanContext, TraceFlags } from '@opentelemetry/api';
import { scrubSecrets } from '@app/platform/problems';

/** Headers of a request, as Node has them: names in lower case, repeated ones joined by commas. */
export type IncomingHeaders = Readonly<Record<string, string | string[] | undefined>>;

const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

/** Lengths beyond which a header is not looked at, in characters. Later versions of `traceparent` may be longer than 55. */
const MAX_TRACEPARENT = 256;
const MAX_TRACESTATE = 512;

/**
 * What the caller says the request belongs to; undefined when it says nothing, or nothing that is valid. Its sampled flag
 * is dropped: whether a trace is kept is not the caller's decision.
 */
export function callerContext(headers: IncomingHeaders): SpanContext | undefined {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string' || traceparent.length > MAX_TRACEPARENT) return undefined;
  const [, version, traceId, spanId, more] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || (version === '00' && more !== undefined)) return undefined;
  const parent: SpanContext = { traceId, spanId, traceFlags: TraceFlags.NONE, isRemote: true };
  const traceState = typeof tracestate === 'string' ? callerState(tracestate) : undefined;
  return traceState === undefined ? parent : { ...parent, traceState };
}

/** The `traceparent` of a call that is made within a span. */
export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${flagsOf(traceFlags)}`;
}

/** Trace flags as two hex digits. */
export function flagsOf(traceFlags: number): string {
  return traceFlags.toString(16).padStart(2, '0');
}

/** Free text of the caller's, so it is kept only when it has the form and nothing in it looks like a secret. */
function callerState(text: string) {
  if (text.length > MAX_TRACESTATE || scrubSecrets(text) !== text) return undefined;
  const state = createTraceState(text);
  return state.serialize() === '' ? undefined : state;
}
