// Remembers by which listener a request came in.
import type { IncomingMessage } from 'node:http';

const requests = new WeakSet<IncomingMessage>();

/** Marks a request of the listener for management. */
export function markManagement(request: IncomingMessage): void {
  requests.add(request);
}

/** Whether a request came in by the listener for management. */
export function cameByManagement(request: IncomingMessage): boolean {
  return requests.has(request);
}
