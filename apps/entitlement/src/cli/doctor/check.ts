// What a check is, and what it finds.
import type { Environment } from '../../environment.js';

/** How well something is. `skipped`: it could not be looked at. */
export type Status = 'ok' | 'warning' | 'failed' | 'skipped';

export interface Finding {
  status: Status;
  looked: string;
  /** What was seen; never a secret. */
  found: string;
  advice?: string;
}

export interface CheckContext {
  readonly environment: Environment;
  /** Variables that are wrong: their values mean nothing. */
  readonly wrong: ReadonlySet<string>;
  /** Aborted when the check's time is over. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly now: () => Date;
}

export interface Check {
  readonly name: string;
  readonly summary: string;
  /** Variables without which there is nothing to look at. */
  readonly needs: readonly (keyof Environment)[];
  run(context: CheckContext): Promise<Finding[]>;
}

export const DATABASE_VARIABLES = ['DATABASE_URL', 'DATABASE_PASSWORD', 'PGSSLMODE'] as const;
export const EXPRESSPLAY_VARIABLES = [
  'EXPRESSPLAY_ENVIRONMENT',
  'EXPRESSPLAY_PROD_DOMAIN',
  'EXPRESSPLAY_BASE_URL',
] as const;

export function ok(looked: string, found: string): Finding {
  return { status: 'ok', looked, found };
}

export function warning(looked: string, found: string, advice: string): Finding {
  return { status: 'warning', looked, found, advice };
}

export function failed(looked: string, found: string, advice: string): Finding {
  return { status: 'failed', looked, found, advice };
}

/** @param wrong what of the configuration keeps it from being looked at */
export function notLookedAt(looked: string, wrong: string): Finding {
  return { status: 'skipped', looked, found: `not looked at: ${wrong} is wrong` };
}
