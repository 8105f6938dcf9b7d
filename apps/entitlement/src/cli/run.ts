// Runs one command line to its end and says with which exit code.
import { Command, CommanderError } from 'commander';
import { ConfigurationError } from '@app/platform/configuration';
import { DatabaseUnavailableError } from '@app/platform/database';
import { DomainError, scrubSecrets } from '@app/platform/problems';
import { buildVersion } from '../build-version.js';
import { actions, examples, type Surroundings } from './context.js';
import { doctorCommand } from './doctor/doctor.command.js';
import { explainCommand } from './explain/explain.command.js';
import { importCommand } from './import/import.command.js';
import { issuancesCommand } from './issuances.command.js';
import { keysCommand } from './keys/keys.command.js';
import { reconcileCommand } from './reconcile/reconcile.command.js';
import { CommandError, EXIT, InterruptedError } from './terminal/exit-codes.js';
import { printable } from './terminal/terminal.js';
import { tokenCommand } from './token/token.command.js';

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
  if (error instanceof DatabaseUnavailableError) return { exitCode: EXIT.unavailable, message: error.message };
  if (error instanceof DomainError) return { exitCode: EXIT.usage, message: error.message };
  return {
    exitCode: EXIT.unavailable,
    message: `This failed: ${scrubSecrets(error instanceof Error ? error.message : String(error))}`,
  };
}

const EXIT_CODES = `
Exit codes:
  0    done, or the answer is yes
  1    the answer is no, or a check failed
  2    the command line or the configuration is wrong
  3    there is no answer: the database, the service or a file could not be asked
  130  ended by Ctrl-C (143: by SIGTERM)`;

/** Help is as wide everywhere, so that it can be compared with the documentation. */
const HELP_WIDTH = 100;

/** @param done is told the exit code of the command that was run */
function program(surroundings: Surroundings, done: (exitCode: number) => void): Command {
  const { stdout, stderr } = surroundings;
  const root = new Command('entitlementctl')
    .description(
      'Looks after an entitlement service. It reads the same environment variables as the service, so it can be run where ' +
        'the service runs.',
    )
    .version(buildVersion())
    .option('--json', 'one JSON document on the standard output, for machines')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({ showGlobalOptions: true })
    .helpCommand(false)
    .showHelpAfterError('(see --help)')
    .addHelpText('after', EXIT_CODES)
    .addHelpText(
      'after',
      examples('entitlementctl doctor', 'entitlementctl explain bob sintel', 'entitlementctl help keys rotate'),
    );
  const action = actions(surroundings, done);
  const commands = [
    doctorCommand,
    explainCommand,
    tokenCommand,
    keysCommand,
    importCommand,
    issuancesCommand,
    reconcileCommand,
  ];
  for (const add of commands) {
    add(root, action);
  }
  helpCommand(root);
  return root;
}

/** Commander's own knows one word of a command alone. */
function helpCommand(root: Command): void {
  root
    .command('help')
    .summary('display help for command')
    .argument('[command...]')
    .action((words: string[]) => {
      let command = root;
      for (const word of words) {
        const next = command.commands.find((one) => one.name() === word);
        if (next === undefined) root.error(`error: unknown command '${words.join(' ')}'`);
        command = next;
      }
      command.help();
    });
}
