// Waits until the command is told to end: Ctrl-C, SIGTERM, a closed terminal, or the end of the npm that started it.

const PARENT_CHECK_MS = 500;

/** Settles at the first such moment; a later signal of the same ending is ignored, for the ending is under way. */
export function untilSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
    // Killed outright, npm passes nothing on; what it started is then nobody's.
    if (process.env.npm_lifecycle_event !== undefined) onOrphaned(() => resolve('the end of npm'));
  });
}

function onOrphaned(tell: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    tell();
  }, PARENT_CHECK_MS);
  timer.unref();
}
