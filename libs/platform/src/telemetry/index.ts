// Traces: spans of requests and of their parts, context of other processes, and what a log line needs to find them.
export {
  annotateRequest,
  annotateSpan,
  currentTraceFields,
  currentTraceparent,
  inSpan,
  type SpanOptions,
  type TraceFields,
  traceFieldsOf,
} from './active-trace.js';
export { type Failure, type FailureNamer, failureOfProblem } from './failures.js';
export { ROUTED_METHODS } from './http-methods.js';
export { Listeners } from './listeners.js';
export { telemetryModule } from './telemetry.module.js';
export { FLUSH_TIMEOUT_MS, type RequestTrace, Tracing, type TracingOptions } from './tracing.js';
