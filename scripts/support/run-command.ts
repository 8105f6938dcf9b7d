// Runs a command to its end: a failure is one line on the standard error and exit code 1.

/** @param command what to do; its message is all a user sees of an error, its stack only with DEBUG set */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    console.error(
      error instanceof Error ? ((process.env.DEBUG ? error.stack : undefined) ?? error.message) : String(error),
    );
    process.exitCode = 1;
  }
}
