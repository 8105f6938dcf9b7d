// What `main.ts` of every app does: configuration, application, port; and what it says when one of them fails.
import { ConfigurationError } from '@app/configuration';
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

/**
 * Creates the application and listens; SIGTERM and SIGINT end it in order.
 * @param specify reads the configuration; a `ConfigurationError` of it is written to the standard error as it is, and the
 *   process ends with exit code 1
 */
export async function runApplication(specify: () => ApplicationSpec): Promise<void> {
  const spec = readSpec(specify);
  if (spec === undefined) return;
  const { name, module, management } = spec;
  const adapter = fastifyAdapter({ ...spec, managementApart: management !== undefined });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, { bufferLogs: true });
  configureApplication(app);
  app.enableShutdownHooks();
  const managementAddress = management && (await listenForManagement(app, management));
  if (management !== undefined && managementAddress === undefined) return;
  const address = await listen(app, spec);
  if (address === undefined) return;
  const beside = managementAddress === undefined ? '' : `, and for management on ${managementAddress}`;
  new Logger(name).log(`listening on ${address}${beside}`);
}

function readSpec(specify: () => ApplicationSpec): ApplicationSpec | undefined {
  try {
    return specify();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    return undefined;
  }
}
