// HTTP for both apps: the server, what is done with every request, and the log.
export { configureApplication } from './configure-application.js';
export { fastifyAdapter, type FastifyAdapterOptions } from './fastify-adapter.js';
export { listen, type ListenOptions } from './listen.js';
export { LOG_LEVELS, type LogLevel } from './log-options.js';
export { loggingModule, type LoggingOptions } from './logging.module.js';
export { type ApplicationSpec, runApplication } from './run-application.js';
export { REDACTED_PATHS } from './redacted-paths.js';
export { REQUEST_ID_HEADER } from './request-id.js';
export { StreamedBody } from './streamed-body.js';
