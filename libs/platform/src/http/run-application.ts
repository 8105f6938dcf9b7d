// What `main.ts` of every app does: configuration, application, port; and what it says when one of them fails.
import { writeSync } from 'node:fs';
import { processEnvironment, StartRefusedError } from '@app/platform/configuration';
import { NestFactory } from '@nestjs/core';
import { Logger, type DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { configureApplication } from './configure-application.js';
import { fastifyAdapter, type FastifyAdapterOptions } from './fastify-adapter.js';
import { listen, listenForManagement, type ListenOptions } from './listen.js';

/** One app, ready to be created. */
export interface ApplicationSpec extends ListenOptions, Omit<FastifyAdapterOptions, 'managementApart'> {
  /** For the log. */
  readonly name: string;
  readonly module: DynamicModule;
  /** Where management is served apart from the public; by default it is served beside it. */
  readonly management?: ListenOptions;
}

const STANDARD_ERROR = 2;

/**
 * Creates the application and listens; SIGTERM and SIGINT end it in order. A `StartRefusedError`, wherever it comes from, is
 * told on the standard error, and the process ends with exit code 1.
 * @param specify reads the configuration
 */
export async function runApplication(specify: () => ApplicationSpec): Promise<void> {
  try {
    await start(specify());
  } catch (error) {
    if (!(error instanceof StartRefusedError)) throw error;
    writeSync(STANDARD_ERROR, refusal(error.message));
    process.exit(1);
  }
}

async function start(spec: ApplicationSpec): Promise<void> {
  const { name, module, management } = spec;
  const adapter = fastifyAdapter({ ...spec, managementApart: management !== undefined });
  // An error is thrown here, and Nest's own lines wait for the application's logger: without one they are not told.
  const options = { bufferLogs: true, autoFlushLogs: false, abortOnError: false };
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, options);
  configureApplication(app);
  app.flushLogs();
  app.enableShutdownHooks();
  const managementAddress = management && (await listenForManagement(app, management));
  const address = await listen(app, spec);
  const beside = managementAddress === undefined ? '' : `, and for management on ${managementAddress}`;
  new Logger(name).log(`listening on ${address}${beside}`);
}

/** As the log has it, a line of JSON, or for people the sentence itself. The environment may be what is wrong. */
function refusal(message: string): string {
  const { LOG_FORMAT, NODE_ENV } = readableEnvironment();
  const forPeople = LOG_FORMAT ? LOG_FORMAT === 'pretty' : NODE_ENV === 'development' || process.stderr.isTTY;
  return `${forPeople ? message : JSON.stringify({ level: 'fatal', time: new Date().toISOString(), msg: message })}\n`;
}

function readableEnvironment(): ReturnType<typeof processEnvironment> {
  try {
    return processEnvironment();
  } catch {
    return processEnvironment('');
  }
}
