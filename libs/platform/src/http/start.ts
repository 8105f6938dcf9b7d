// What `main.ts` of every app does: configuration, application, ports; and what it says when one of them fails.
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import type { Server } from 'node:http';
import { constants } from 'node:os';
import { processEnvironment, StartRefusedError } from '@app/platform/configuration';
import { type DynamicModule, Logger, ShutdownSignal } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { adapterOf, fastifyAdapter, type FastifyAdapterOptions } from './server.js';

/** One app, ready to be created. */
export interface ApplicationSpec extends ListenOptions, Omit<FastifyAdapterOptions, 'managementApart'> {
  /** For the log. */
  readonly name: string;
  readonly module: DynamicModule;
  /** Registers what a request meets. */
  readonly configure: (app: NestFastifyApplication) => Promise<void>;
  /** Where management is served apart from the public; by default it is served beside it. */
  readonly management?: ListenOptions;
}

const STANDARD_ERROR = 2;
/** What a shell adds a signal's number to, for a process that it ended. */
const SIGNALLED = 128;

/**
 * Creates the application and listens; SIGTERM and SIGINT end it in order and with exit code 0, a second one at once. A `StartRefusedError`, wherever it comes from, is
 * written to the standard error, and the process ends with exit code 1.
 * @param specify reads the configuration
 */
export async function runApplication(specify: () => ApplicationSpec): Promise<void> {
  try {
    await startApplication(specify());
  } catch (error) {
    if (!(error instanceof StartRefusedError)) throw error;
    writeSync(STANDARD_ERROR, refusal(error.message));
    process.exit(1);
  }
}

async function startApplication(spec: ApplicationSpec): Promise<void> {
  const { name, module, configure, management } = spec;
  const adapter = fastifyAdapter({ ...spec, managementApart: management !== undefined });
  // An error is thrown here, and Nest's own lines wait for the application's logger: without one they are not logged.
  const options = { bufferLogs: true, autoFlushLogs: false, abortOnError: false };
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, options);
  // Before anything is waited for: of the first process of a container, signals that nobody listens for are lost.
  app.enableShutdownHooks([], { useProcessExit: true });
  const signals = followSignals(name);
  await configure(app);
  app.flushLogs();
  if (signals.received) return; // it is being ended
  const managementAddress = management && (await listenForManagement(app, management));
  const address = await listen(app, spec);
  const beside = managementAddress === undefined ? '' : `, and for management on ${managementAddress}`;
  new Logger(name).log(`listening on ${address}${beside}`);
}

/** Within this time, in ms, a signal is still the first: npm passes on the Ctrl-C that the terminal has sent everybody. */
const SAME_SIGNAL_MS = 500;

/** The first signal ends the application in order, which Nest does; a second one ends the process at once, with a shell's code for it. */
function followSignals(name: string): { readonly received: boolean } {
  let firstAt = Infinity;
  for (const signal of Object.values(ShutdownSignal)) {
    process.on(signal, () => {
      const now = performance.now();
      firstAt = Math.min(firstAt, now);
      if (now - firstAt < SAME_SIGNAL_MS) return;
      new Logger(name).warn(`${signal}, the second signal: ends at once, without an answer to the requests in flight`);
      process.exit(SIGNALLED + constants.signals[signal]);
    });
  }
  return {
    get received() {
      return firstAt < Infinity;
    },
  };
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

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The environment variable that chooses the port, named when the port is taken; the one for the host ends in `HOST`. */
  readonly portVariable: string;
}

const NO_ADDRESS: readonly unknown[] = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'];

/**
 * Listens and answers with the address, such as `http://127.0.0.1:3000`.
 *
 * @throws StartRefusedError when the port is taken, or the host is no address of this machine; the application is closed then
 */
export function listen(app: NestFastifyApplication, options: ListenOptions): Promise<string> {
  const { host, port } = options;
  const instance: FastifyInstance = app.getHttpAdapter().getInstance();
  // Not by Nest, which logs a failure to listen as an error of its own.
  return open(app, options, instance.server, () => instance.listen({ host, port }));
}

/**
 * Opens the listener for management of an application whose adapter has one, just as `listen` does. Call it before
 * `listen`, so that a service that players can reach can be watched as well.
 */
export async function listenForManagement(app: NestFastifyApplication, options: ListenOptions): Promise<string> {
  const { managementServer: server } = adapterOf(app);
  if (server === undefined) throw new Error('The application has no listener for management.');
  const instance: FastifyInstance = app.getHttpAdapter().getInstance();
  return open(app, options, server, async () => {
    await instance.ready();
    server.listen({ host: options.host, port: options.port });
    await once(server, 'listening');
  });
}

async function open(
  app: NestFastifyApplication,
  { host, port, portVariable }: ListenOptions,
  server: Pick<Server, 'address'>,
  start: () => Promise<unknown>,
): Promise<string> {
  await app.init();
  try {
    await start();
  } catch (error) {
    const problem = problemOf(error, { host, port, portVariable });
    if (problem === undefined) throw error;
    await app.close();
    throw new StartRefusedError(problem);
  }
  const address = server.address();
  const opened = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${opened}`;
}

function problemOf(error: unknown, { host, port, portVariable }: ListenOptions): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const hostVariable = portVariable.replace(/PORT$/, 'HOST');
  if (NO_ADDRESS.includes(code)) {
    return `${host} is no address of this machine. Choose one with ${hostVariable}, for example ${hostVariable}=127.0.0.1.`;
  }
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return undefined;
  const reason = code === 'EADDRINUSE' ? 'is taken by another process' : 'may not be opened by this user';
  const other = port < 65_535 ? port + 1 : port - 1;
  return `Port ${port} on ${host} ${reason}. Choose another one with ${portVariable}, for example ${portVariable}=${other}.`;
}
