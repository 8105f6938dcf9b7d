// Reads the texts of declared variables from the environment or from the files that `NAME_FILE` names.
import { readFileSync } from 'node:fs';
import type { ConfigurationProblem } from './configuration.error.js';
import type { DeclaredVariable } from './variable.decorator.js';

/** The texts that were found, and what stood in the way of reading the others. */
export interface RawValues {
  /** Given texts by variable; unset variables are absent. Defaults are not applied. */
  readonly values: ReadonlyMap<string, string>;
  readonly problems: readonly ConfigurationProblem[];
}

/** Reads every declared variable. An empty text counts as unset, in the environment and in a file. */
export function readRawValues(
  variables: readonly DeclaredVariable[],
  env: Readonly<Record<string, string | undefined>>,
): RawValues {
  const values = new Map<string, string>();
  const problems: ConfigurationProblem[] = [];
  for (const variable of variables) {
    const { name } = variable;
    const direct = env[name] || undefined;
    const path = variable.file ? env[fileVariable(name)] || undefined : undefined;
    if (direct !== undefined && path !== undefined) {
      problems.push({ variable: name, problem: `is set together with ${fileVariable(name)}; set only one of the two` });
    } else if (path === undefined) {
      if (direct !== undefined) values.set(name, direct);
    } else {
      const text = readText(path);
      if (text) values.set(name, text);
      else {
        const problem = text === '' ? 'names an empty file' : 'names a file that cannot be read';
        problems.push({ variable: fileVariable(name), problem: `${problem}; expected one that holds ${name}` });
      }
    }
  }
  return { values, problems };
}

/** The variable that may name a file holding another variable's value. */
export function fileVariable(name: string): string {
  return `${name}_FILE`;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/[\r\n]+$/, '');
  } catch {
    // The error would say the path, which is a value.
    return undefined;
  }
}
