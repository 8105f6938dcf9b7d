import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/**
 * Tests that need a program a bare machine lacks (kubectl, promtool, chromium, pgbouncer) are skipped there, with the reason in
 * their name:
 *
 *     describe.skipIf(!hasTool('promtool'))('the alert rules (needs promtool)', …)
 *
 * In CI, where `.ci/run` installs the programs, a missing one is an error: a check that is skipped there is no check.
 */
export function hasTool(name: string): boolean {
  return toolPath(name) !== undefined;
}

/** The full path of a program found through PATH; undefined when the machine does not have it. */
export function toolPath(name: string): string | undefined {
  const path = searchPath(name, process.env.PATH ?? '');
  if (path === undefined && inContinuousIntegration()) {
    throw new Error(`${name} is missing. Tests that need it are skipped only outside CI; install it, or unset CI.`);
  }
  return path;
}

/** The CI variable is set to anything but the values that say no. */
export function inContinuousIntegration(): boolean {
  return !['', '0', 'false'].includes(process.env.CI ?? '');
}

function searchPath(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
