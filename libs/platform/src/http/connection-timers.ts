// Timers of the requests on a connection, which end with it.
import type { Socket } from 'node:net';
import { onConnectionEnd } from './connection-ends.js';

/**
 * Calls `act` once, unless the connection ends before.
 * @returns calls it off
 */
export function startConnectionTimer(socket: Socket, act: () => void, milliseconds: number): () => void {
  const timer = setTimeout(() => {
    forget();
    act();
  }, milliseconds).unref();
  const forget = onConnectionEnd(socket, () => clearTimeout(timer));
  return () => {
    clearTimeout(timer);
    forget();
  };
}
