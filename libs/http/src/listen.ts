// Opens the ports, or says in one line why it cannot.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { adapterOf } from './fastify-adapter.js';

/** Where to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The environment variable that chooses the port, named when the port is taken. */
  readonly portVariable: string;
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['EADDRINUSE', 'is taken by another process'],
  ['EACCES', 'may not be opened by this user'],
]);

/**
 * Listens and answers with the address, such as `http://127.0.0.1:3000`. When the port is taken it writes one line to
 * the standard error, closes the application, sets the exit code to 1 and answers with undefined.
 */
export function listen(app: NestFastifyApplication, options: ListenOptions): Promise<string | undefined> {
  const { host, port } = options;
  return open(app, options, app.getHttpServer(), () => app.listen({ host, port }));
}

/**
 * Opens the listener for management of an application whose adapter has one, just as `listen` does. Call it before
 * `listen`, so that a service that players can reach can be watched as well.
 */
export async function listenForManagement(
  app: NestFastifyApplication,
  options: ListenOptions,
): Promise<string | undefined> {
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
): Promise<string | undefined> {
  try {
    // Nest logs a failure to listen as an error of its own, so the port is tried without it first.
    await tryPort(host, port);
    await start();
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? REASONS.get(error.code) : undefined;
    if (reason === undefined) throw error;
    const other = port < 65_535 ? port + 1 : port - 1;
    process.stderr.write(
      `Port ${port} on ${host} ${reason}. Choose another one with ${portVariable}, for example ${portVariable}=${other}.\n`,
    );
    process.exitCode = 1;
    await app.close();
    return undefined;
  }
  const address = server.address();
  const opened = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${opened}`;
}

function tryPort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port }, () => server.close(() => resolve()));
  });
}
