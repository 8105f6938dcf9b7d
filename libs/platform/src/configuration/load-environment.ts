// Turns the process's environment into one checked, typed object, or says everything that is wrong with it.
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
  const problems = new Map<string, string[]>();
  const report = ({ variable, problem }: ConfigurationProblem) =>
    problems.set(variable, [...(problems.get(variable) ?? []), problem]);

  const sections = sectionsOf(type).map((section) => {
    const own = ownVariables(section).filter((variable) => !isSecretVariable(variable));
    return plainToInstance(
      section,
      Object.fromEntries(own.map((variable) => [variable.name, env[variable.name] || variable.default])),
    );
  });
  const errors = sections.flatMap((section) => validateSync(section));
  const environment = Object.assign(new type(), ...sections) as T;
  const fields = environment as Record<string, unknown>;
  for (const variable of declared.filter((variable) => !isSecretVariable(variable))) {
    const { name } = variable;
    const invalid = errors.find(({ property }) => property === name);
    const problem = problemOf(variable, fields[name], invalid);
    if (problem === undefined) continue;
    report({ variable: name, problem });
    fields[name] = undefined;
  }

  const isSet = (name: string) => Boolean(env[name] || env[fileVariable(name)]);
  const broken = (candidate: T) => rulesOf(type).flatMap((rule) => rule(candidate, isSet));
  const objection = (name: string, value: unknown) =>
    broken({ ...environment, [name]: new LiveValue(value) }).find(({ variable }) => variable === name)?.problem;
  for (const secret of declared.filter(isSecretVariable)) {
    const found = readSecret(secret, { env, clock, listener, objection });
    if ('problem' in found) report(found.problem);
    else fields[secret.name] = found.live;
  }

  broken(environment).forEach(report);
  if (problems.size > 0) throw new ConfigurationError(inOrder(problems, declared));
  hideSecrets(environment, declared);
  return environment;
}

function problemOf(variable: DeclaredVariable, value: unknown, invalid?: ValidationError): string | undefined {
  const about = explanation(variable);
  if (value instanceof RefusedValue) return `${value.problem} ${about}`;
  if (value === undefined && !variable.optional) return `is not set ${about}`;
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

/** Makes `JSON.stringify` and `util.inspect` (so `console.log` and loggers) show `[hidden]` in place of secrets. */
function hideSecrets(environment: object, declared: readonly DeclaredVariable[]): void {
  const secrets = declared.filter(({ name, secret }) => secret && Reflect.get(environment, name) !== undefined);
  const hidden = Object.fromEntries(secrets.map(({ name }) => [name, '[hidden]']));
  const value = () => ({ ...environment, ...hidden });
  for (const key of ['toJSON', inspect.custom]) Object.defineProperty(environment, key, { value, enumerable: false });
}
