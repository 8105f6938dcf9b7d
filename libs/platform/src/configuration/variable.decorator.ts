// Describes one environment variable where it is declared: a property named as the variable.
import { Transform } from 'class-transformer';
import { IsOptional } from 'class-validator';
import { InvalidValueError } from './configuration.error.js';

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
  /** `NAME_FILE` may name a file that holds the value. */
  readonly file?: boolean;
  /**
   * Turns the text into the property's value. Throws InvalidValueError for a malformed text. Without it the property's
   * type decides: number, boolean (`true` or `false`), array (separated by commas), or the text itself.
   */
  readonly parse?: (text: string) => unknown;
}

/** A declared variable: its name, its options and the property's type. */
export interface DeclaredVariable extends VariableOptions {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean' | 'list' | 'other';
  /** Makes it a secret that follows its file: the property is a `LiveValue` of what this gives. */
  readonly parseSecret?: (secret: Buffer) => unknown;
}

/** A declared variable that is a secret and follows its file. */
export type DeclaredSecret = DeclaredVariable & Required<Pick<DeclaredVariable, 'parseSecret'>>;

/** Whether a variable was declared with `@SecretVariable`. */
export function isSecretVariable(variable: DeclaredVariable): variable is DeclaredSecret {
  return variable.parseSecret !== undefined;
}

/** Stands in for a value that could not be made of the text, until the problems are collected. */
export class RefusedValue {
  constructor(readonly problem: string) {}
}

const VARIABLES = Symbol('variables');
const TYPES = new Map<unknown, DeclaredVariable['type']>([
  [String, 'string'],
  [Number, 'number'],
  [Boolean, 'boolean'],
  [Array, 'list'],
]);

/** Declares the property as an environment variable of the same name. Add class-validator decorators beside it. */
export function Variable(options: VariableOptions): PropertyDecorator {
  return (prototype, key) => {
    const type = TYPES.get(Reflect.getMetadata('design:type', prototype, key)) ?? 'other';
    const variable: DeclaredVariable = { ...options, name: String(key), type };
    declareVariable(prototype, variable);
    Transform(({ value }: { value: unknown }) => read(variable, value))(prototype, key);
    if (options.optional) IsOptional()(prototype, String(key));
  };
}

/** Adds a variable to those that a class declares. */
export function declareVariable(prototype: object, variable: DeclaredVariable): void {
  Reflect.defineMetadata(VARIABLES, [...declared(prototype), variable], prototype);
}

/** The variables that a class declares, in the order of declaration. */
export function declaredVariables(type: new () => object): readonly DeclaredVariable[] {
  return declared(type.prototype as object);
}

/** What a variable is for, in parentheses, to end a message with. */
export function explanation({ description, example }: DeclaredVariable): string {
  return `(${description.replace(/\.$/, '')}${example === undefined ? '' : `; for example ${example}`})`;
}

function declared(prototype: object): readonly DeclaredVariable[] {
  return (Reflect.getMetadata(VARIABLES, prototype) as DeclaredVariable[] | undefined) ?? [];
}

function read(variable: DeclaredVariable, text: unknown): unknown {
  if (typeof text !== 'string') return text;
  if (!variable.parse) return convert(variable.type, text);
  try {
    return variable.parse(text);
  } catch (error) {
    // Only this error promises to carry no value; any other message could.
    return new RefusedValue(error instanceof InvalidValueError ? error.message : 'is malformed');
  }
}

function convert(type: DeclaredVariable['type'], text: string): unknown {
  switch (type) {
    case 'number':
      return /^[+-]?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : new RefusedValue('must be a number');
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : new RefusedValue('must be true or false');
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'string':
    case 'other':
      return text;
  }
}
