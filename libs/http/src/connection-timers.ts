// Timers of the requests on a connection, which end with it: a pipelined request whose turn never came hears of nothing else.
import type { Socket } from 'node:net';

export class ConnectionTimers {
  readonly #timers = new WeakMap<Socket, Set<NodeJS.Timeout>>();

  /**
   * Calls `act` once, unless the connection ends before.
   * @returns calls it off
   */
  start(socket: Socket, act: () => void, milliseconds: number): () => void {
    const timers = this.#of(socket);
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, milliseconds).unref();
    timers.add(timer);
    return () => {
      clearTimeout(timer);
      timers.delete(timer);
    };
  }

  /** One listener for each connection, however many requests it carries. */
  #of(socket: Socket): Set<NodeJS.Timeout> {
    const known = this.#timers.get(socket);
    if (known !== undefined) return known;
    const timers = new Set<NodeJS.Timeout>();
    this.#timers.set(socket, timers);
    socket.once('close', () => {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    });
    return timers;
  }
}
