// `entitlementctl doctor`: is everything there that the service needs.
import { once } from 'node:events';
import type { Command } from 'commander';
import { DatabaseUnavailableError } from '@app/platform/database';
import { scrubSecrets } from '@app/platform/problems';
import { type Action, type Context, examples } from '../context.js';
import { EXIT, usageError } from '../terminal/exit-codes.js';
import { indented, type Style, type Terminal } from '../terminal/terminal.js';
import { integerOption } from '../terminal/values.js';
import { type Check, type CheckContext, failed, type Finding, notLookedAt, type Status } from './check.js';
import { clockCheck } from './clock.check.js';
import { configurationFindings, lenientEnvironment, type LenientEnvironment } from './configuration.check.js';
import { databaseCheck, keksCheck, ledgerCheck, migrationsCheck } from './database.checks.js';
import { authenticatorCheck, expressPlayCheck } from './expressplay.checks.js';
import { jwksCheck } from './jwks.check.js';

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
    .action(action(doctor));
}

async function doctor(context: Context, { only, skip, timeout }: Options): Promise<number> {
  const wanted = selection(only, skip);
  const timeoutMs = integerOption('--timeout', timeout, 1, 600) * 1000;
  const settings = lenientEnvironment(context.serviceVariables());
  const given = { timeoutMs, now: () => context.now(), signal: context.surroundings.signal };
  // As a check among others, so that it is selected and reported like them.
  const run = () => Promise.resolve(configurationFindings(settings));
  const configuration: Check = { name: 'configuration', summary: 'the environment variables', needs: [], run };
  const wantedChecks = [configuration, ...CHECKS].filter(({ name }) => wanted.has(name));
  const work = Promise.all(wantedChecks.map((check) => runCheck(check, settings, given)));
  const checks = await context.unlessInterrupted(work);
  const report: DoctorReport = { status: worst(checks), checks };
  context.terminal.result(report, () => doctorText(report, context.terminal));
  if (report.status === 'failed') return EXIT.no;
  // The check of the configuration, which fails then, may have been left out.
  const hasSkipped = checks.some(({ findings }) => findings.some(({ status }) => status === 'skipped'));
  return settings.problems.length > 0 && hasSkipped ? EXIT.unavailable : EXIT.ok;
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

interface CheckReport {
  name: string;
  status: Status;
  durationMs: number;
  findings: Finding[];
}

export interface DoctorReport {
  /** The worst of the checks'. */
  status: Status;
  checks: CheckReport[];
}

const WORST_FIRST: readonly Status[] = ['failed', 'warning', 'skipped', 'ok'];

async function runCheck(
  check: Check,
  { environment, wrong }: LenientEnvironment,
  given: Pick<CheckContext, 'timeoutMs' | 'now' | 'signal'>,
): Promise<CheckReport> {
  const { name, summary, needs } = check;
  const began = performance.now();
  const missing = needs.filter((variable) => wrong.has(variable));
  const findings =
    missing.length > 0
      ? [notLookedAt(summary, missing.join(', '))]
      : await inTime(check, { environment, wrong, ...given });
  const durationMs = Math.round(performance.now() - began);
  return { name, status: worst(findings), durationMs, findings };
}

async function inTime(check: Check, given: CheckContext): Promise<Finding[]> {
  const { timeoutMs } = given;
  const deadline = new AbortController();
  const signal = AbortSignal.any([deadline.signal, given.signal]);
  const advice = 'See that what is asked can be reached from here; --timeout gives it more time.';
  const late = failed(check.summary, `no answer within ${timeoutMs / 1000} s`, advice);
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  try {
    return await Promise.race([check.run({ ...given, signal }), once(deadline.signal, 'abort').then(() => [late])]);
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) return [failed(check.summary, error.found, error.advice)];
    const found = scrubSecrets(error instanceof Error ? error.message : String(error));
    return [failed(check.summary, found, 'This was not foreseen: report it.')];
  } finally {
    clearTimeout(timer);
  }
}

function worst(of: readonly { status: Status }[]): Status {
  return WORST_FIRST.find((wanted) => of.some(({ status }) => status === wanted)) ?? 'ok';
}

const STYLES: Record<Status, Style> = { ok: 'good', warning: 'doubtful', failed: 'bad', skipped: 'faint' };
const LONGEST_STATUS = 'warning'.length;

function doctorText({ checks }: DoctorReport, terminal: Terminal): string {
  const marked = (status: Status) => terminal.style(STYLES[status], status.padEnd(LONGEST_STATUS));
  const said = new Set<string>();
  const findingText = ({ status, looked, found, advice }: Finding) => {
    const line = `${marked(status)}  ${looked}: `;
    // What keeps several checks from looking, such as a database that does not answer, is said once.
    const fault = `${found} ${advice}`;
    if (status === 'failed' && said.has(fault)) return `${line}the same as above`;
    said.add(fault);
    return advice === undefined ? `${line}${found}` : `${line}${found}\n${indented(`→ ${advice}`, LONGEST_STATUS + 2)}`;
  };
  const sections = checks.map(
    ({ name, findings }) => `${terminal.style('strong', name)}\n${indented(findings.map(findingText).join('\n'))}`,
  );
  const count = (wanted: Status) => checks.filter(({ status }) => status === wanted).length;
  const summary = `Checks: ${count('ok')} ok, ${count('warning')} with warnings, ${count('failed')} failed, ${count('skipped')} skipped`;
  return `${sections.join('\n')}\n\n${summary}`;
}
