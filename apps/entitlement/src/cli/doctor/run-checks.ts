// Runs checks at the same time, each within its own, and whatever becomes of the others.
import { scrubSecrets } from '@app/platform/problems';
import { notLookedAt, type Check, type CheckContext, type Finding, type Status } from './check.js';
import type { LenientEnvironment } from './lenient-environment.js';

/** What a check came to. */
export interface CheckReport {
  name: string;
  /** The worst of its findings. */
  status: Status;
  durationMs: number;
  findings: Finding[];
}

/** What all of them came to. */
export interface DoctorReport {
  /** `failed` when a check failed, else the worst. */
  status: Status;
  checks: CheckReport[];
}

const WORST_FIRST: readonly Status[] = ['failed', 'warning', 'skipped', 'ok'];

export async function runChecks(
  checks: readonly Check[],
  settings: LenientEnvironment,
  options: { timeoutMs: number; now: () => Date; signal: AbortSignal },
): Promise<DoctorReport> {
  const reports = await Promise.all(checks.map((check) => runCheck(check, settings, options)));
  return { status: worst(reports.map(({ status }) => status)), checks: reports };
}

async function runCheck(
  check: Check,
  { environment, wrong }: LenientEnvironment,
  { timeoutMs, now, signal }: { timeoutMs: number; now: () => Date; signal: AbortSignal },
): Promise<CheckReport> {
  const { name, summary } = check;
  const began = performance.now();
  const missing = check.needs.filter((variable) => wrong.has(variable));
  let findings: Finding[];
  if (environment === undefined || missing.length > 0) {
    const why = missing.length > 0 ? missing.join(', ') : 'the configuration as a whole';
    findings = check.withoutEnvironment?.() ?? [notLookedAt(summary, why)];
  } else {
    findings = await inTime(check, { environment, wrong, timeoutMs, now, signal });
  }
  const durationMs = Math.round(performance.now() - began);
  return { name, status: worst(findings.map(({ status }) => status)), durationMs, findings };
}

async function inTime(check: Check, given: CheckContext): Promise<Finding[]> {
  const { timeoutMs } = given;
  const deadline = new AbortController();
  const context = { ...given, signal: AbortSignal.any([deadline.signal, given.signal]) };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding[]>((resolve) => {
    timer = setTimeout(() => {
      deadline.abort();
      resolve([
        {
          status: 'failed',
          looked: check.summary,
          found: `no answer within ${timeoutMs / 1000} s`,
          advice: 'See that what is asked can be reached from here; --timeout gives it more time.',
        },
      ]);
    }, timeoutMs);
  });
  try {
    return await Promise.race([check.run(context), late]);
  } catch (error) {
    const found = scrubSecrets(error instanceof Error ? error.message : String(error));
    return [{ status: 'failed', looked: check.summary, found, advice: 'This was not foreseen: report it.' }];
  } finally {
    clearTimeout(timer);
  }
}

function worst(statuses: readonly Status[]): Status {
  return WORST_FIRST.find((status) => statuses.includes(status)) ?? 'ok';
}
