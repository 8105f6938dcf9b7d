// Says before anything is started that a port is taken, and how to choose another.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** @throws Error naming the variable that chooses the port */
export async function assertPortIsFree(port: number, variable: string): Promise<void> {
  const server = createServer();
  try {
    const listening = once(server, 'listening');
    server.listen(port, '127.0.0.1');
    await listening;
  } catch (cause) {
    throw new Error(
      `Port ${port} is taken. Choose another one with ${variable}, for example ${variable}=${port + 1000}.`,
      {
        cause,
      },
    );
  }
  server.close();
  await once(server, 'close');
}
