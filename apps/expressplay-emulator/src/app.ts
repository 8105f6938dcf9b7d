// The emulator's HTTP application: what a request meets, in this order, from top to bottom.
import {
  adapterOf,
  allowOrigins,
  answerPreflights,
  answerRequestIds,
  answerWrongMethods,
  type ApplicationSpec,
  closeQueuedResponses,
  dropResetConnections,
  endConnectionsOnClose,
  keepDeadlines,
  Log,
  readJsonBodies,
  refuseBadAddresses,
  watchMethods,
} from '@app/platform/http';
import { ProblemFilter, validationPipe } from '@app/platform/problems';
import { HttpAdapterHost } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { DestinationStream } from 'pino';
import { AppModule } from './app.module.js';
import type { Environment } from './environment.js';
import { answerWrongUrls, CROSS_ORIGIN, takeLongTokens } from './protocol/protocol.js';
import { readFormBodies } from './protocol/reading.js';

/** Largest body of the control endpoints; the token services have a limit of their own. */
const BODY_LIMIT_BYTES = 64 * 1024;

const JSON_RULES = { maxDepth: 16, maxMembers: 1000 };

/**
 * The emulator as `main.ts` and the tests start it.
 * @param log where log lines go, the standard output by default
 */
export function applicationSpec(environment: Environment, log?: DestinationStream): ApplicationSpec {
  return {
    name: `ExpressPlay emulator (${environment.EMULATOR_ENVIRONMENT})`,
    module: AppModule.forEnvironment(environment, log),
    configure,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    host: environment.EMULATOR_HOST,
    port: environment.EMULATOR_PORT,
    portVariable: 'EMULATOR_PORT',
  };
}

/** Registers all that a request meets. */
async function configure(app: NestFastifyApplication): Promise<void> {
  const adapter = adapterOf(app);
  const instance: FastifyInstance = adapter.getInstance();
  const log = app.get(Log);
  app.useLogger(log);

  // The router. What is not found under ExpressPlay's own addresses is a wrong URL, whatever the method.
  const answerOtherMethods = watchMethods(instance, (pattern) => pattern.startsWith('/emulator'));
  takeLongTokens(instance.server);

  // When the headers are there.
  allowOrigins(app, CROSS_ORIGIN); // also on refusals, or a page could not read them
  adapter.answers.watch(instance); // the line of the request in the log
  log.watch(adapter.answers);
  closeQueuedResponses(instance); // or those who wait for the end of a pipelined one would wait for ever
  answerRequestIds(instance);
  endConnectionsOnClose(instance, adapter.servers); // a connection kept alive would hold up the end
  dropResetConnections(instance); // nobody waits for the answer
  keepDeadlines(instance, adapter.limits);
  answerPreflights(instance);

  // Before the body is read.
  refuseBadAddresses(instance);
  answerWrongMethods(instance);
  readJsonBodies(app, JSON_RULES); // of the control addresses
  readFormBodies(instance); // of ExpressPlay's own

  // When it has been read.
  answerWrongUrls(instance);
  app.useGlobalPipes(validationPipe());

  // The handler; and whatever was thrown since the router.
  app.useGlobalFilters(new ProblemFilter(app.get(HttpAdapterHost)));

  await app.init();
  answerOtherMethods();
}
