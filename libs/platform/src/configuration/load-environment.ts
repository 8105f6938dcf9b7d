// Turns the process's environment into one checked, typed object, or says everything that is wrong with it.
import { type Clock, SystemClock } from '@app/platform/clock';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { ConfigurationError, type ConfigurationProblem } from './configuration.error.js';
import { hideSecrets } from './hide-secrets.js';
import { fileVariable, readRawValues } from './raw-values.js';
import { LiveValue } from './live-value.js';
import { rulesOf } from './rule.decorator.js';
import { logSecretFileEvent, type SecretFileListener } from './secret-events.js';
import { readSecret, type SecretAtStart } from './secret-values.js';
import {
  type DeclaredVariable,
  declaredVariables,
  explanation,
  isSecretVariable,
  RefusedValue,
} from './variable.decorator.js';

/** How secrets that have files are followed; what is left out suits a service. */
export interface LoadOptions {
  /** Says when a file is looked at again; the machine's clock by default. */
  readonly clock?: Clock;
  /** Is told what becomes of changed files; by default they are logged. */
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
  const unread = new Set(variables.filter(({ name }) => hasProblem(problems, name)).map(({ name }) => name));

  const texts = variables.map(({ name, default: text }) => [name, raw.values.get(name) ?? text] as const);
  const environment = plainToInstance(type, Object.fromEntries(texts));
  const fields = environment as Record<string, unknown>;
  const invalid = new Map(validateSync(environment).map((error) => [error.property, error]));
  for (const variable of variables) {
    const { name } = variable;
    const value = fields[name];
    const problem = unread.has(name) ? undefined : problemOf(variable, value, invalid.get(name));
    if (problem !== undefined) report({ variable: name, problem });
    if (unread.has(name) || problem !== undefined) fields[name] = undefined;
  }

  const secrets = new Map<string, SecretAtStart>();
  const isSet = (name: string) => raw.values.has(name) || unread.has(name) || (secrets.get(name)?.isSet ?? false);
  const broken = (candidate: T) => rulesOf(type).flatMap((rule) => rule(candidate, isSet));
  const objection = (name: string, value: unknown) =>
    broken({ ...environment, [name]: new LiveValue(value) }).find(({ variable }) => variable === name)?.problem;
  for (const secret of declared.filter(isSecretVariable)) {
    const found = readSecret(secret, { env, clock, listener, objection });
    secrets.set(secret.name, found);
    fields[secret.name] = found.live;
    if (found.problem !== undefined) report(found.problem);
  }

  broken(environment).forEach(report);
  if (problems.size > 0) throw new ConfigurationError(inOrder(problems, declared));
  hideSecrets(
    environment,
    declared.filter(({ secret }) => secret).map(({ name }) => name),
  );
  return environment;
}

function hasProblem(problems: ReadonlyMap<string, unknown>, name: string): boolean {
  return problems.has(name) || problems.has(fileVariable(name));
}

function problemOf(variable: DeclaredVariable, value: unknown, invalid?: ValidationError): string | undefined {
  const about = explanation(variable);
  if (value instanceof RefusedValue) return `${value.problem} ${about}`;
  if (value === undefined && !variable.optional) {
    return `is not set${variable.file ? `, nor is ${fileVariable(variable.name)}` : ''} ${about}`;
  }
  if (!invalid) return undefined;
  const messages = [...new Set(Object.values(invalid.constraints ?? {}))].map((message) =>
    withoutName(message, variable.name),
  );
  return `${messages.length > 0 ? messages.join(', ') : 'is malformed'} ${about}`;
}

function withoutName(message: string, name: string): string {
  return message.startsWith(`${name} `) ? message.slice(name.length + 1) : message;
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
