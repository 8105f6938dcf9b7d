// `entitlementctl doctor`: is everything there that the service needs.
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { authenticatorCheck } from '../doctor/authenticator.check.js';
import type { Check } from '../doctor/check.js';
import { clockCheck } from '../doctor/clock.check.js';
import { configurationFindings } from '../doctor/configuration.check.js';
import { databaseCheck } from '../doctor/database.check.js';
import { doctorText } from '../doctor/doctor.text.js';
import { expressPlayCheck } from '../doctor/expressplay.check.js';
import { jwksCheck } from '../doctor/jwks.check.js';
import { keksCheck } from '../doctor/keks.check.js';
import { ledgerCheck } from '../doctor/ledger.check.js';
import { lenientEnvironment, type LenientEnvironment } from '../doctor/lenient-environment.js';
import { migrationsCheck } from '../doctor/migrations.check.js';
import { runChecks, type DoctorReport } from '../doctor/run-checks.js';
import { EXIT, usageError } from '../terminal/exit-codes.js';
import { wholeNumberOption } from '../terminal/numbers.js';
import { examples, type Action } from './command-support.js';

interface Options {
  only?: string;
  skip?: string;
  timeout: string;
}

const CHECKS: readonly Check[] = [
  databaseCheck,
  migrationsCheck,
  ledgerCheck,
  keksCheck,
  jwksCheck,
  expressPlayCheck,
  authenticatorCheck,
  clockCheck,
];
const NAMES = ['configuration', ...CHECKS.map(({ name }) => name)];

export function doctorCommand(parent: Command, action: Action): void {
  parent
    .command('doctor')
    .summary('is everything there that the service needs')
    .description(
      `Looks at everything the service depends on and says what to do where something is wrong. It runs all checks even when ` +
        `one fails, buys no token and writes nothing. Exit code 1 when a check failed, 3 when none did but a ` +
        `wrong variable kept one from being run; warnings alone are 0.\n\n` +
        `Checks: ${NAMES.join(', ')}.`,
    )
    .option('--only <checks>', 'these checks alone, separated by commas')
    .option('--skip <checks>', 'all checks but these')
    .option('--timeout <seconds>', 'longest time for each check', '10')
    .addHelpText(
      'after',
      examples(
        'entitlementctl doctor',
        'entitlementctl doctor --only configuration,database',
        'entitlementctl doctor --skip expressplay,authenticator --json',
      ),
    )
    .action(action((context, _args, options) => doctor(context, options as unknown as Options)));
}

async function doctor(context: Context, { only, skip, timeout }: Options): Promise<number> {
  const wanted = selection(only, skip);
  const timeoutMs = wholeNumberOption('--timeout', timeout, 1, 600) * 1000;
  const settings = lenientEnvironment(context.surroundings.env);
  const { signal } = context.surroundings;
  const checks = [configurationCheck(settings), ...CHECKS].filter(({ name }) => wanted.has(name));
  const work = runChecks(checks, settings, { timeoutMs, now: () => context.now(), signal });
  const report = await context.unlessInterrupted(work);
  context.terminal.result(report, () => doctorText(report, context.terminal));
  if (report.status === 'failed') return EXIT.no;
  // The check of the configuration, which fails then, may have been left out.
  return settings.problems.length > 0 && hasSkipped(report) ? EXIT.unavailable : EXIT.ok;
}

function hasSkipped({ checks }: DoctorReport): boolean {
  return checks.some(({ findings }) => findings.some(({ status }) => status === 'skipped'));
}

/** As a check among others, so that it is selected and told like them. */
function configurationCheck(settings: LenientEnvironment): Check {
  return {
    name: 'configuration',
    summary: 'the environment variables',
    needs: [],
    run: () => Promise.resolve(configurationFindings(settings)),
    withoutEnvironment: () => configurationFindings(settings),
  };
}

function selection(only: string | undefined, skip: string | undefined): Set<string> {
  const chosen = new Set(only === undefined ? NAMES : namesOf('--only', only));
  for (const name of skip === undefined ? [] : namesOf('--skip', skip)) chosen.delete(name);
  if (chosen.size === 0) throw usageError('--only and --skip leave no check to run.');
  return chosen;
}

function namesOf(option: string, text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) {
    throw usageError(`${option}: there is no check ${unknown.join(', ')}. Checks: ${NAMES.join(', ')}.`);
  }
  return names;
}
