// Turns the process's environment into one checked, typed object, or says everything that is wrong with it.
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { type Clock, SystemClock } from '@app/platform/clock';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import { LiveValue } from './live-value.js';
import { logSecretFileEvent, readSecret, type SecretFileListener } from './secret.js';
import {
  type DeclaredVariable,
  declaredVariables,
  explanation,
  fileVariable,
  isSecretVariable,
  ownVariables,
  RefusedValue,
  rulesOf,
  sectionsOf,
} from './variable.js';

/** How secrets that have files are followed; what is left out suits a service. */
export interface LoadOptions {
  /** Says when a file is looked at again; the machine's clock by default. */
  readonly clock?: Clock;
  /** Hears what becomes of changed files; by default they are logged. */
  readonly listener?: SecretFileListener;
}

/**
 * Reads the variables that `type` declares with `@Variable` and `@SecretVariable`, applies defaults, converts and validates
 * them, then checks the rules that concern several; a changed secret is held to the rules again. Variables that `type`
 * does not declare are ignored.
 *
 * @param env texts by name, usually `process.env`; an empty text counts as unset
 * @throws ConfigurationError naming every problem at once, never a value
 */
export function loadEnvironment<T extends object>(
  type: new () => T,
  env: Readonly<Record<string, string | undefined>>,
  { clock = new SystemClock(), listener = logSecretFileEvent }: LoadOptions = {},
): T {
  const declared = declaredVariables(type);
  const variables = declared.filter((variable) => !isSecretVariable(variable));
  const raw = readRawValues(variables, env);
  const problems = new Map<string, string[]>();
  const report = ({ variable, problem }: ConfigurationProblem) =>
    problems.set(variable, [...(problems.get(variable) ?? []), problem]);
  raw.problems.forEach(report);
  const names = variables.map(({ name }) => name);
  const unread = new Set(names.filter((name) => problems.has(name) || problems.has(fileVariable(name))));

  const text = ({ name, default: fallback }: DeclaredVariable) => [name, raw.values.get(name) ?? fallback] as const;
  const sections = sectionsOf(type).map((section) => {
    const own = ownVariables(section).filter((variable) => !isSecretVariable(variable));
    return plainToInstance(section, Object.fromEntries(own.map(text)));
  });
  const errors = sections.flatMap((section) => validateSync(section));
  const invalid = new Map(errors.map((error) => [error.property, error]));
  const environment = Object.assign(new type(), ...sections) as T;
  const fields = environment as Record<string, unknown>;
  for (const variable of variables) {
    const { name } = variable;
    const value = fields[name];
    const problem = unread.has(name) ? undefined : problemOf(variable, value, invalid.get(name));
    if (problem !== undefined) report({ variable: name, problem });
    if (unread.has(name) || problem !== undefined) fields[name] = undefined;
  }

  const isSet = (name: string) => Boolean(env[name] || env[fileVariable(name)]);
  const broken = (candidate: T) => rulesOf(type).flatMap((rule) => rule(candidate, isSet));
  const objection = (name: string, value: unknown) =>
    broken({ ...environment, [name]: new LiveValue(value) }).find(({ variable }) => variable === name)?.problem;
  for (const secret of declared.filter(isSecretVariable)) {
    const found = readSecret(secret, { env, clock, listener, objection });
    fields[secret.name] = found.live;
    if (found.problem !== undefined) report(found.problem);
  }

  broken(environment).forEach(report);
  if (problems.size > 0) throw new ConfigurationError(inOrder(problems, declared));
  const hidden = declared.filter(({ name, secret }) => secret && fields[name] !== undefined);
  hideSecrets(environment, Object.fromEntries(hidden.map(({ name }) => [name, '[hidden]'])));
  return environment;
}

function problemOf(variable: DeclaredVariable, value: unknown, invalid?: ValidationError): string | undefined {
  const about = explanation(variable);
  if (value instanceof RefusedValue) return `${value.problem} ${about}`;
  if (value === undefined && !variable.optional) {
    return `is not set${variable.file ? `, nor is ${fileVariable(variable.name)}` : ''} ${about}`;
  }
  if (!invalid) return undefined;
  const prefix = `${variable.name} `;
  const messages = [...new Set(Object.values(invalid.constraints ?? {}))].map((message) =>
    message.startsWith(prefix) ? message.slice(prefix.length) : message,
  );
  return `${messages.join(', ') || 'is malformed'} ${about}`;
}

/** The order of declaration, so that the same environment always gives the same message. */
function inOrder(
  problems: ReadonlyMap<string, readonly string[]>,
  variables: readonly DeclaredVariable[],
): ConfigurationProblem[] {
  const names = variables.flatMap(({ name }) => [name, fileVariable(name)]);
  const ordered = [...new Set([...names, ...problems.keys()])];
  return ordered.flatMap((variable) => (problems.get(variable) ?? []).map((problem) => ({ variable, problem })));
}

/** The text of each variable that is set, without defaults, and what stood in the way of reading others. Empty is unset. */
function readRawValues(variables: readonly DeclaredVariable[], env: Readonly<Record<string, string | undefined>>) {
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

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/[\r\n]+$/, '');
  } catch {
    // The error would say the path, which is a value.
    return undefined;
  }
}

/** Makes `JSON.stringify` and `util.inspect` (so `console.log` and loggers) show other values in place of some. */
function hideSecrets(environment: object, others: object): void {
  const value = () => ({ ...environment, ...others });
  for (const key of ['toJSON', inspect.custom]) Object.defineProperty(environment, key, { value, enumerable: false });
}
