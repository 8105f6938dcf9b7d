// Runs a command to its end: a failure is one line on the standard error and exit code 1.

/** @param command what to do; its message is all a user sees of an error, its stack only with DEBUG set */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    const { message, stack = message } = error instanceof Error ? error : { message: String(error) };
    console.error(process.env.DEBUG ? stack : message);
    process.exitCode = 1;
  }
}

const PARENT_CHECK_MS = 500;

/**
 * Settles when the command is to end: Ctrl-C, SIGTERM, a closed terminal, or the end of the npm that started it. A later
 * signal of the same ending is ignored, for the ending is under way.
 */
export function untilSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
    // Killed outright, npm passes nothing on; what it started is then nobody's.
    if (process.env.npm_lifecycle_event === undefined) return;
    const parent = process.ppid;
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      resolve('the end of npm');
    }, PARENT_CHECK_MS);
    timer.unref();
  });
}
