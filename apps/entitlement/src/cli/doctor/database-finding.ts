// A database that cannot be used, as what a check found.
import { DatabaseUnavailableError } from '@app/platform/database';
import { failed, type Finding } from './check.js';

/** @throws the error itself when it is no matter of the deployment */
export function databaseFinding(looked: string, error: unknown): Finding {
  if (error instanceof DatabaseUnavailableError) return failed(looked, error.found, error.advice);
  throw error;
}
