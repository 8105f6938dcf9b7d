// Opens the ports, or says in one line why it cannot.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:net';
import { StartRefusedError } from '@app/platform/configuration';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { adapterOf } from './fastify-adapter.js';

/** Where to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The environment variable that chooses the port, named when the port is taken; the one for the host ends in `HOST`. */
  readonly portVariable: string;
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['EADDRINUSE', 'is taken by another process'],
  ['EACCES', 'may not be opened by this user'],
]);
const NO_ADDRESS: readonly unknown[] = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'];

/**
 * Listens and answers with the address, such as `http://127.0.0.1:3000`.
 *
 * @throws StartRefusedError when the port is taken, or the host is no address of this machine; the application is closed then
 */
export function listen(app: NestFastifyApplication, options: ListenOptions): Promise<string> {
  const { host, port } = options;
  return open(app, options, app.getHttpServer(), () => app.listen({ host, port }));
}

/**
 * Opens the listener for management of an application whose adapter has one, just as `listen` does. Call it before
 * `listen`, so that a service that players can reach can be watched as well.
 */
export async function listenForManagement(app: NestFastifyApplication, options: ListenOptions): Promise<string> {
  const { managementServer: server } = adapterOf(app);
  if (server === undefined) throw new Error('The application has no listener for management.');
  await app.init();
  const instance: FastifyInstance = app.getHttpAdapter().getInstance();
  await instance.ready();
  return open(app, options, server, async () => {
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
  try {
    // Nest logs a failure to listen as an error of its own, so the port is tried without it first.
    await tryPort(host, port);
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
  const reason = REASONS.get(code);
  if (reason === undefined) return undefined;
  const other = port < 65_535 ? port + 1 : port - 1;
  return `Port ${port} on ${host} ${reason}. Choose another one with ${portVariable}, for example ${portVariable}=${other}.`;
}

function tryPort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port }, () => server.close(() => resolve()));
  });
}
