// What all commands are declared with.
import type { Command } from 'commander';
import type { Context } from '../context.js';

/** Does the work of a command. @returns the exit code */
export type Work = (
  context: Context,
  args: readonly (string | undefined)[],
  options: Record<string, unknown>,
) => Promise<number>;

/** Makes a commander action of a command's work. */
export type Action = (work: Work) => (...received: unknown[]) => Promise<void>;

/** Binds commands to a run: the context is made when the command is known, because `--json` may stand behind it. */
export function actions(contextOf: (command: Command) => Context, done: (exitCode: number) => void): Action {
  return (work) =>
    async (...received) => {
      // Commander passes the arguments, then the options, then the command.
      const command = received.at(-1) as Command;
      const options = received.at(-2) as Record<string, unknown>;
      const context = contextOf(command);
      try {
        done(await work(context, received.slice(0, -2) as (string | undefined)[], options));
      } finally {
        context.terminal.endProgress();
      }
    };
}

/** The end of a command's help. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}
