// HTTP for both apps: the server, what an app can do with every request, and the log.
export { type Answered, type AnswerOutcome, Answers } from './answers.js';
export {
  allowOrigins,
  answerPreflights,
  type CrossOrigin,
  forbidCaching,
  isLoopbackOrigin,
  useSecurityHeaders,
} from './browsers.js';
export {
  closeQueuedResponses,
  dropResetConnections,
  endConnectionsOnClose,
  hasTurn,
  keepDeadlines,
} from './connections.js';
export { answerRequestIds, REQUEST_ID_HEADER, traceRequests } from './follow-requests.js';
export { JsonError, parseJson, readJsonBodies } from './json.js';
export {
  Log,
  LOG_LEVELS,
  loggingModule,
  type LoggingOptions,
  type LogLevel,
  REDACTED_PATHS,
  type RequestFacts,
} from './log.js';
export { OtherBody, readOtherBodies } from './other-bodies.js';
export {
  dropForwardedPorts,
  limitNetworks,
  RateLimitedError,
  RateLimiter,
  warnOfUndeclaredProxy,
} from './rate-limits.js';
export {
  answerWrongAddresses,
  answerWrongMethods,
  configOf,
  type Listener,
  refuseBadAddresses,
  routeConfig,
  separateListeners,
  watchMethods,
} from './routes.js';
export { adapterOf, answersOf, fastifyAdapter, type FastifyAdapterOptions, type ServerLimits } from './server.js';
export { type ApplicationSpec, listen, listenForManagement, type ListenOptions, runApplication } from './start.js';
export { StreamedBody, streamBodies } from './streamed-body.js';
export { refuseUnclearRequests, UnexpectedInputGuard } from './strict-requests.js';
