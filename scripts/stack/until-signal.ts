// Waits for Ctrl-C or SIGTERM.

/** Settles at the first SIGINT or SIGTERM; a later one of the same ending is ignored, for the ending is under way. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
  });
}
