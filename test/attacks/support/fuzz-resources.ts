// What a process holds: memory after a collection, and handles.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of the heap and of buffers that are in use, garbage aside. */
export function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** How many sockets, servers, timers and requests keep the process from ending. */
export function handlesInUse(): number {
  return process.getActiveResourcesInfo().length;
}
