// The command line: its commands and what they have in common.
import { Command } from 'commander';
import { doctorCommand } from './commands/doctor.command.js';
import { actions, examples } from './commands/command-support.js';
import { explainCommand } from './commands/explain.command.js';
import { importCommand } from './commands/import.command.js';
import { issuancesCommand } from './commands/issuances.command.js';
import { keysCommand } from './commands/keys.command.js';
import { tokenCommand } from './commands/token.command.js';
import { Context, type Surroundings } from './context.js';
import { buildVersion } from '../build-version.js';

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
export function program(surroundings: Surroundings, done: (exitCode: number) => void): Command {
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
  const action = actions((command) => Context.of(surroundings, command), done);
  for (const add of [doctorCommand, explainCommand, tokenCommand, keysCommand, importCommand, issuancesCommand]) {
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
