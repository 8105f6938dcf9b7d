// Opens the port, or says in one line why it cannot.
import { createServer } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

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
export async function listen(
  app: NestFastifyApplication,
  { host, port, portVariable }: ListenOptions,
): Promise<string | undefined> {
  try {
    // Nest logs a failure to listen as an error of its own, so the port is tried without it first.
    await tryPort(host, port);
    await app.listen({ host, port });
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
  const address = app.getHttpServer().address();
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
