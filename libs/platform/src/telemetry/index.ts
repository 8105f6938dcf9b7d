// Traces: spans of requests and of their parts, context of other processes, and what a log line needs to find them.
export {
  annotateRequest,
  annotateSpan,
  currentTraceFields,
  currentTraceparent,
  type Failure,
  failureOfProblem,
  inSpan,
  traceFieldsOf,
} from './active-trace.js';
export { FLUSH_TIMEOUT_MS, ROUTED_METHODS, telemetryModule, Tracing } from './tracing.js';
