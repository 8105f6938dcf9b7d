// Faults that take time: answers that wait and connections that never get one, until the process ends.
import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';

@Injectable()
export class OpenFaults implements OnModuleDestroy {
  readonly #shutdown = new AbortController();
  readonly #sockets = new Set<Socket>();

  constructor() {
    // Any number of answers may wait.
    setMaxListeners(0, this.#shutdown.signal);
  }

  /** Waits; less long when the process ends. */
  async delay(milliseconds: number): Promise<void> {
    await wait(milliseconds, undefined, { signal: this.#shutdown.signal }).catch(() => undefined);
  }

  /** Keeps a connection that gets no more of an answer from keeping the process. */
  hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  onModuleDestroy(): void {
    this.#shutdown.abort();
    for (const socket of this.#sockets) socket.destroy();
  }
}
