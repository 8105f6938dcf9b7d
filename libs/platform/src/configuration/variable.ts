// Declares the environment: a class with a property for each variable, and the rules that concern several of them.
import { IsOptional } from 'class-validator';
import { type ConfigurationProblem, InvalidValueError } from './configuration-error.js';
import { LiveValue } from './live-value.js';

/** How one variable is described, read and documented. */
export interface VariableOptions {
  /** What it is for, one sentence, for people who run the service. */
  readonly description: string;
  /** A value that would work, for documentation and error messages; never a real secret. */
  readonly example?: string;
  /** The text that is used when the variable is unset or empty. */
  readonly default?: string;
  /** The property stays undefined when the variable is unset. Without this and without a default it is required. */
  readonly optional?: boolean;
  /** The value is never printed, not even by `JSON.stringify` or `console.log` of the environment. */
  readonly secret?: boolean;
  /**
   * Turns the text into the property's value. Throws InvalidValueError for a malformed text. Without it the property's
   * type decides: number, array (separated by commas), or the text itself.
   */
  readonly parse?: (text: string) => unknown;
}

export interface DeclaredVariable extends VariableOptions {
  readonly name: string;
  readonly type: unknown;
  /** Makes it a secret that follows the file that `NAME_FILE` names: the property is a `LiveValue` of what this gives. */
  readonly parseSecret?: (secret: Buffer) => unknown;
}

export type DeclaredSecret = DeclaredVariable & Required<Pick<DeclaredVariable, 'parseSecret'>>;

export function isSecretVariable(variable: DeclaredVariable): variable is DeclaredSecret {
  return variable.parseSecret !== undefined;
}

const [VARIABLES, RULES, SECTIONS] = [Symbol('variables'), Symbol('rules'), Symbol('sections')];

/** Declares the property as an environment variable of the same name. Add class-validator decorators beside it. */
export function Variable(options: VariableOptions): PropertyDecorator {
  return (prototype, key) => {
    const type: unknown = Reflect.getMetadata('design:type', prototype, key);
    declareVariable(prototype, { ...options, name: String(key), type });
    if (options.optional) IsOptional()(prototype, String(key));
  };
}

/**
 * How one secret is described, read and documented. The file of an optional one may be empty or missing: the value is undefined
 * then, and again when the file goes.
 */
export interface SecretVariableOptions<T> extends Pick<VariableOptions, 'description' | 'example' | 'optional'> {
  /**
   * Turns the bytes into the value and throws InvalidValueError for malformed ones, at start and at each change. The bytes
   * are cleared afterwards: copy what is kept.
   */
  readonly parse: (secret: Buffer) => T;
}

/**
 * Declares a property of type `LiveValue<T>`, or `LiveValue<T | undefined>` for an optional one, as the environment
 * variable of the same name. `NAME_FILE` may name a file that holds it, whose changes are taken up while the process runs.
 * A change that cannot be parsed, or breaks a rule, is logged by the variable's name, and the value before stays in force.
 */
export function SecretVariable<T>({ parse: parseSecret, ...rest }: SecretVariableOptions<T>): PropertyDecorator {
  return (prototype, key) =>
    declareVariable(prototype, { ...rest, name: String(key), type: LiveValue, secret: true, parseSecret });
}

/**
 * Looks at the whole environment. Variables with a problem of their own are undefined in it; `isSet` says whether a
 * variable was given at all (itself or as a file), whatever its value; it may be one that is not declared.
 */
export type EnvironmentRule<T> = (
  environment: Partial<T>,
  isSet: (name: string) => boolean,
) => readonly ConfigurationProblem[];

/** Adds a rule to a class of variables. Several may be given; all of them are checked. */
export function Rule<T extends object>(rule: EnvironmentRule<T>): (type: new () => T) => void {
  return (type) => Reflect.defineMetadata(RULES, [...rulesOf(type), rule], type);
}

export function rulesOf<T extends object>(type: new () => T): readonly EnvironmentRule<T>[] {
  return metadata(RULES, type) as readonly EnvironmentRule<T>[];
}

function declareVariable(prototype: object, variable: DeclaredVariable): void {
  Reflect.defineMetadata(VARIABLES, [...metadata(VARIABLES, prototype), variable], prototype);
}

type Section = new () => object;
type All<T> = (T extends unknown ? (part: T) => void : never) extends (part: infer Whole extends object) => void
  ? Whole
  : never;

/** A class of variables with those of others, to extend: `class Environment extends composedOf(Database, Http)`. */
export function composedOf<T extends readonly Section[]>(...sections: T): new () => All<InstanceType<T[number]>> {
  @Reflect.metadata(SECTIONS, sections)
  class Composed {}
  return Composed as new () => All<InstanceType<T[number]>>;
}

/** The classes that a class of variables is composed of, itself last. */
export function sectionsOf(type: new () => object): readonly (new () => object)[] {
  return [...(metadata(SECTIONS, type) as (new () => object)[]), type];
}

/** The variables that a class declares itself, in the order of declaration. */
export function ownVariables(type: new () => object): readonly DeclaredVariable[] {
  return metadata(VARIABLES, type.prototype as object) as DeclaredVariable[];
}

/** The variables that a class declares and includes. */
export function declaredVariables(type: new () => object): readonly DeclaredVariable[] {
  return sectionsOf(type).flatMap(ownVariables);
}

function metadata(key: symbol, target: object): readonly unknown[] {
  return (Reflect.getMetadata(key, target) as unknown[] | undefined) ?? [];
}

/** One variable as a table row of the documentation has it. */
export type VariableDescription = ReturnType<typeof describeEnvironment>[number];

/** Every variable that `type` declares, in the order of declaration. */
export function describeEnvironment(type: new () => object) {
  return declaredVariables(type).map(({ name, description, example, default: value, ...declared }) => ({
    name,
    description,
    example,
    default: value,
    /** Neither optional nor with a default. Rules between variables may ask for more. */
    required: value === undefined && !declared.optional,
    secret: declared.secret ?? false,
    /** When a file may hold the value. */
    fileVariable: declared.parseSecret && fileVariable(name),
  }));
}

/** The variable that may name a file holding another variable's value. */
export function fileVariable(name: string): string {
  return `${name}_FILE`;
}

/** What a variable is for, to end a message with. */
export function explanation({ description, example }: DeclaredVariable): string {
  return `(${description.replace(/\.$/, '')}${example === undefined ? '' : `; for example ${example}`})`;
}

/** The value that a text stands for. @throws InvalidValueError, and whatever else a variable's own `parse` throws */
export function parseVariable({ type, parse, optional }: DeclaredVariable, text: string | undefined): unknown {
  if (text === undefined) {
    if (optional) return undefined;
    throw new InvalidValueError('is not set');
  }
  if (parse) return parse(text);
  if (type === Number) {
    if (/^[+-]?\d+(\.\d+)?$/.test(text.trim())) return Number(text);
    throw new InvalidValueError('must be a number');
  }
  if (type !== Array) return text;
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
