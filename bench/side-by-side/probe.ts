// Loaded into each contestant before its own code (`node --import`): what the process uses, measured alike in all of them.
import { executionAsyncId } from 'node:async_hooks';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { GCProfiler, getHeapStatistics } from 'node:v8';

/** What a process has used since it was asked the last time. */
export interface Usage {
  /** Milliseconds, on all its threads. */
  cpuMs: number;
  /** The highest of samples. */
  rssMiB: number;
  /** How late the event loop was, in milliseconds: all but one in a hundred times at most. */
  loopDelayMs: number;
  /** What V8 has allocated on its heap, whether it was collected since or not. */
  allocatedKiB: number;
  /** 1 when Node calls hooks for every promise, as AsyncLocalStorage has it do on Node 20; else 0. */
  promiseHooks: number;
}

const RESOLUTION_MS = 10;
const SAMPLE_MS = 100;

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
let cpu = process.cpuUsage();
let rss = 0;
const sample = () => (rss = Math.max(rss, process.memoryUsage.rss()));
setInterval(sample, SAMPLE_MS).unref();

/** The heap as it was used when the profiler was started, and the collections since. */
let heap = watchHeap();

function watchHeap(): { profiler: GCProfiler; used: number } {
  const profiler = new GCProfiler();
  profiler.start();
  return { profiler, used: getHeapStatistics().used_heap_size };
}

/** What the heap grew by from collection to collection. */
function allocatedBytes(): number {
  let { used } = heap;
  const end = getHeapStatistics().used_heap_size;
  let sum = 0;
  for (const { beforeGC, afterGC } of heap.profiler.stop().statistics) {
    sum += beforeGC.heapStatistics.usedHeapSize - used;
    used = afterGC.heapStatistics.usedHeapSize;
  }
  return sum + end - used;
}

/** Without hooks, what is awaited in one turn of the event loop has one id. */
async function usesPromiseHooks(): Promise<boolean> {
  await Promise.resolve();
  const id = executionAsyncId();
  await Promise.resolve();
  return executionAsyncId() !== id;
}

async function sendUsage(): Promise<void> {
  sample();
  const { user, system } = process.cpuUsage(cpu);
  const usage: Usage = {
    cpuMs: (user + system) / 1000,
    rssMiB: rss / 1024 / 1024,
    // What is recorded is the time between two looks.
    loopDelayMs: Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS),
    allocatedKiB: allocatedBytes() / 1024,
    promiseHooks: Number(await usesPromiseHooks()),
  };
  process.send?.(usage);
  cpu = process.cpuUsage();
  rss = 0;
  delay.reset();
  heap = watchHeap();
}

process.on('message', (message) => {
  if (message === 'usage') void sendUsage();
});
