// Loaded into each contestant before its own code (`node --import`): what the process uses, measured alike in all of them.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a process has used since it was asked the last time. */
export interface Usage {
  /** Milliseconds, on all its threads. */
  cpuMs: number;
  /** The highest of samples. */
  rssMiB: number;
  /** How late the event loop was, in milliseconds: all but one in a hundred times at most. */
  loopDelayMs: number;
}

/** What a process holds after its garbage has been collected. */
export interface Memory {
  rssMiB: number;
  heapMiB: number;
}

const RESOLUTION_MS = 10;
const SAMPLE_MS = 100;

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
let cpu = process.cpuUsage();
let rss = 0;
const sample = () => (rss = Math.max(rss, process.memoryUsage.rss()));
setInterval(sample, SAMPLE_MS).unref();

process.on('message', (message) => {
  if (message === 'memory') process.send?.(collected());
  if (message !== 'usage') return;
  sample();
  const { user, system } = process.cpuUsage(cpu);
  // What is recorded is the time between two looks.
  const loopDelayMs = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
  const usage: Usage = { cpuMs: (user + system) / 1000, rssMiB: rss / 1024 / 1024, loopDelayMs };
  process.send?.(usage);
  cpu = process.cpuUsage();
  rss = 0;
  delay.reset();
});

function collected(): Memory {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { rss: resident, heapUsed } = process.memoryUsage();
  return { rssMiB: resident / 1024 / 1024, heapMiB: heapUsed / 1024 / 1024 };
}
