// Turns the process's environment into one checked, typed object, or says everything that is wrong with it.
import { inspect } from 'node:util';
import { type Clock, SystemClock } from '@app/platform/clock';
import { validateSync, type ValidationError } from 'class-validator';
import { ConfigurationError, type ConfigurationProblem, InvalidValueError } from './configuration-error.js';
import { LiveValue } from './live-value.js';
import { logSecretFileEvent, readSecret, type SecretFileEvent } from './secret.js';
import {
  type DeclaredVariable,
  declaredVariables,
  explanation,
  fileVariable,
  isSecretVariable,
  ownVariables,
  parseVariable,
  rulesOf,
  sectionsOf,
} from './variable.js';

/** How secrets that have files are followed; what is left out suits a service. */
export interface LoadOptions {
  /** Says when a file is looked at again; the machine's clock by default. */
  readonly clock?: Clock;
  /** Hears what becomes of changed files; by default they are logged. */
  readonly listener?: (event: SecretFileEvent) => void;
  /** Hears of problems in place of a ConfigurationError; malformed and missing values are undefined then. */
  readonly onProblems?: (problems: readonly ConfigurationProblem[]) => void;
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
  { clock = new SystemClock(), listener = logSecretFileEvent, onProblems }: LoadOptions = {},
): T {
  const declared = declaredVariables(type);
  const problems = new Map<string, string[]>();
  const report = ({ variable, problem }: ConfigurationProblem) =>
    problems.set(variable, [...(problems.get(variable) ?? []), problem]);

  const environment = new type();
  const fields = environment as Record<string, unknown>;
  for (const section of sectionsOf(type)) {
    const part = new section() as Record<string, unknown>;
    const own = ownVariables(section).filter((variable) => !isSecretVariable(variable));
    const refuseValue = (variable: DeclaredVariable, problem: string) => {
      part[variable.name] = undefined;
      report({ variable: variable.name, problem: `${problem} ${explanation(variable)}` });
    };
    for (const variable of own) {
      try {
        part[variable.name] = parseVariable(variable, env[variable.name] || variable.default);
      } catch (error) {
        // Only this error promises to carry no value; any other message could.
        refuseValue(variable, error instanceof InvalidValueError ? error.message : 'is malformed');
      }
    }
    for (const error of validateSync(part)) {
      const variable = own.find(({ name }) => name === error.property);
      if (variable !== undefined && !problems.has(variable.name)) refuseValue(variable, problemOf(error));
    }
    Object.assign(environment, part);
  }

  const isSet = (name: string) => Boolean(env[name] || env[fileVariable(name)]);
  const broken = (candidate: T) => rulesOf(type).flatMap((rule) => rule(candidate, isSet));
  const objection = (name: string, value: unknown) =>
    broken({ ...environment, [name]: new LiveValue(value) }).find(({ variable }) => variable === name)?.problem;
  for (const secret of declared.filter(isSecretVariable)) {
    const found = readSecret(secret, { env, clock, listener, objection });
    if (found instanceof LiveValue) fields[secret.name] = found;
    else report(found);
  }

  broken(environment).forEach(report);
  if (problems.size > 0) {
    // The order of declaration, so that the same environment always gives the same message.
    const names = new Set([...declared.flatMap(({ name }) => [name, fileVariable(name)]), ...problems.keys()]);
    const ordered = [...names].flatMap((variable) =>
      (problems.get(variable) ?? []).map((problem) => ({ variable, problem })),
    );
    if (onProblems === undefined) throw new ConfigurationError(ordered);
    onProblems(ordered);
  }
  hideSecrets(environment, declared);
  return environment;
}

function problemOf({ property, constraints = {} }: ValidationError): string {
  const messages = new Set(
    Object.values(constraints).map((message) => message.replace(new RegExp(`^${property} `), '')),
  );
  return [...messages].join(', ') || 'is malformed';
}

/** Makes `JSON.stringify` and `util.inspect` (so `console.log` and loggers) show `[hidden]` in place of secrets. */
function hideSecrets(environment: object, declared: readonly DeclaredVariable[]): void {
  const secrets = declared.filter(({ name, secret }) => secret && Reflect.get(environment, name) !== undefined);
  const hidden = Object.fromEntries(secrets.map(({ name }) => [name, '[hidden]']));
  const value = () => ({ ...environment, ...hidden });
  for (const key of ['toJSON', inspect.custom]) Object.defineProperty(environment, key, { value, enumerable: false });
}
