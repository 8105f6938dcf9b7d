// The end of a connection, for everything that is under way on it: a pipelined request whose turn never came may hear of nothing else.
import type { IncomingMessage, ServerResponse } from 'node:http';
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

/** Calls `act` once when a request is over: its response is closed, or its connection is before the response had its turn. */
export function onceOver({ socket }: IncomingMessage, response: ServerResponse, act: () => void): void {
  const over = (): void => {
    response.off('close', over);
    callOff();
    act();
  };
  const callOff = onConnectionEnd(socket, over);
  response.once('close', over);
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
