// A database error as what a check found.
import { databaseFault } from '../database-fault.js';
import { failed, type Finding } from './check.js';

/** @throws the error itself when it is no matter of the deployment */
export function databaseFinding(looked: string, error: unknown): Finding {
  const fault = databaseFault(error);
  if (fault === undefined) throw error;
  return failed(looked, fault.found, fault.advice);
}
