// The second listener, for those who run the service.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** Ends the listener with the application: no new connections, requests in flight are finished, idle connections go. */
export function closeWithApplication(instance: FastifyInstance, server: Server): void {
  let closed: Promise<unknown> | undefined;
  instance.addHook('preClose', (done) => {
    if (server.listening) {
      closed = once(server, 'close');
      server.close();
    }
    done();
  });
  instance.addHook('onClose', async () => {
    await closed;
  });
}
