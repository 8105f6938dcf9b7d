// The end of a connection, for everything that is under way on it: a pipelined request whose turn never came may hear of nothing else.
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const ENDS = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls `act` when the connection ends. It has one listener, however many requests it carries.
 * @returns calls it off
 */
export function onConnectionEnd(socket: Socket, act: () => void): () => void {
  const acts = ENDS.get(socket) ?? watch(socket);
  acts.add(act);
  return () => acts.delete(act);
}

/**
 * Closes responses with their connection. Node closes the one whose turn it is, and tells nobody of those that wait behind it:
 * whoever gives something back at a response's end would never do so.
 */
export function closeQueuedResponses(server: Server): void {
  server.prependListener('request', ({ socket }, response) => {
    const callOff = onConnectionEnd(socket, () => {
      if (response.socket !== null || response.writableFinished) return;
      response.destroy();
      response.emit('close');
    });
    response.once('close', callOff);
  });
}

/**
 * Waits until the answers to requests before it on the connection are out. What is written earlier only piles up, and a
 * connection whose body is not read does not tell that it broke.
 * @returns false when the connection ended first
 */
export async function hasTurn(response: ServerResponse): Promise<boolean> {
  if (response.destroyed || response.socket !== null) return !response.destroyed;
  return new Promise((resolve) => {
    response.once('socket', () => resolve(true)).once('close', () => resolve(false));
  });
}

function watch(socket: Socket): Set<() => void> {
  const acts = new Set<() => void>();
  ENDS.set(socket, acts);
  socket.once('close', () => {
    for (const act of acts) act();
    acts.clear();
  });
  return acts;
}
