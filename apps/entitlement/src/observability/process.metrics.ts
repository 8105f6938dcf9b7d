// Memory, CPU, event loop and garbage collection: facts of the process, whichever applications it runs.
import { collectDefaultMetrics, Registry } from 'prom-client';

let registry: Registry | undefined;

/**
 * prom-client's own metrics under their usual names. They watch the event loop and the garbage collector and cannot be
 * told to stop, so a process has them once, not once an application. What they watch with does not keep a process alive.
 */
export function processMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}
