// Runs one command line to its end and says with which exit code: the part of `main.ts` that tests run as well.
import { ConfigurationError } from '@app/platform/configuration';
import { DatabaseUnavailableError } from '@app/platform/database';
import { DomainError, scrubSecrets } from '@app/platform/problems';
import { CommanderError, type Command } from 'commander';
import type { Surroundings } from './context.js';
import { program } from './program.js';
import { CommandError, EXIT, InterruptedError } from './terminal/exit-codes.js';
import { printable } from './terminal/printable.js';

/**
 * @param args what follows the name of the program
 * @returns the exit code
 */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  let exitCode: number = EXIT.ok;
  const root = program(surroundings, (code) => {
    exitCode = code;
  });
  try {
    await root.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return failure(error, root, surroundings);
  }
}

/** Every failure is a message for whoever typed the command, and in a JSON document for whoever reads that; never a stack. */
function failure(error: unknown, root: Command, { env, stdout, stderr }: Surroundings): number {
  // Commander has written what there is to say: help, the version, or what is wrong with the options.
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  const { exitCode, message } = described(error);
  if (!(error instanceof CommanderError)) stderr.write(`${printable(message)}\n`);
  if (env['DEBUG'] && error instanceof Error && error.stack !== undefined) {
    stderr.write(`${printable(scrubSecrets(error.stack))}\n`);
  }
  if (root.opts<{ json?: boolean }>().json === true) {
    stdout.write(`${printable(JSON.stringify({ error: { message, exitCode } }, null, 2))}\n`);
  }
  return exitCode;
}

function described(error: unknown): { exitCode: number; message: string } {
  if (error instanceof CommanderError) return { exitCode: EXIT.usage, message: error.message };
  if (error instanceof CommandError || error instanceof InterruptedError) return error;
  if (error instanceof ConfigurationError) {
    return { exitCode: EXIT.usage, message: `The configuration is wrong.\n${error.message}` };
  }
  if (error instanceof DatabaseUnavailableError) {
    return { exitCode: EXIT.unavailable, message: error.message };
  }
  if (error instanceof DomainError) return { exitCode: EXIT.usage, message: error.message };
  return {
    exitCode: EXIT.unavailable,
    message: `This failed: ${scrubSecrets(error instanceof Error ? error.message : String(error))}`,
  };
}
