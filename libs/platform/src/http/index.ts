// HTTP for both apps: the server, what is done with every request, and the log.
export type { Answered, AnswerOutcome, Answers } from './answers.js';
export { configureApplication } from './configure-application.js';
export { hasTurn } from './connection-ends.js';
export { type CrossOrigin, isLoopbackOrigin } from './cross-origin.js';
export { answersOf, fastifyAdapter, type FastifyAdapterOptions } from './fastify-adapter.js';
export { JsonError, parseJson } from './json.js';
export { listen, listenForManagement, type ListenOptions } from './listen.js';
export { LOG_LEVELS, type LogLevel } from './log-options.js';
export { loggingModule, type LoggingOptions } from './logging.module.js';
export { RateLimitedError } from './rate-limited.error.js';
export { RateLimiter } from './rate-limiter.js';
export { type ApplicationSpec, runApplication } from './run-application.js';
export { REDACTED_PATHS } from './redacted-paths.js';
export { REQUEST_ID_HEADER } from './request-id.js';
export type { RequestRules } from './request-rules.js';
export type { Place } from './route-table.js';
export type { ServerLimits } from './server-limits.js';
export { StreamedBody } from './streamed-body.js';
