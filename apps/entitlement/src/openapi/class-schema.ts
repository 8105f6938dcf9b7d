// Makes the schema of a request's class from the rules that validate it.
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage } from 'class-validator';
import { FIELD_SCHEMA } from '../catalog/field-rules.js';
import { fieldsOf } from './operation.js';
import { NamedSchema, nullable, type Schema } from './schema.js';

/** A field of a class. */
export interface ClassField {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Schema | NamedSchema;
  readonly description: string | undefined;
  readonly example: unknown;
}

type Type = new () => object;

interface FieldRule {
  readonly name?: string;
  readonly type: string;
  readonly propertyName: string;
  readonly constraints: readonly unknown[] | undefined;
  readonly each: boolean;
}

/** The component that a request's class is, by the class's name. */
export function classSchema(type: Type): NamedSchema {
  const fields = classFields(type, 'body');
  return new NamedSchema(type.name, {
    type: 'object',
    required: fields.filter(({ required }) => required).map(({ name }) => name),
    properties: Object.fromEntries(
      fields.map(({ name, schema, description }) => [name, described(schema, description)]),
    ),
    additionalProperties: false,
  });
}

/**
 * The fields of a class, in the order they are declared.
 * @param place in a body an optional field may be null as well, in an address it can only be left out
 */
export function classFields(type: Type, place: 'body' | 'address'): ClassField[] {
  const rules: FieldRule[] = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const names = [...new Set([...fieldsOf(type).keys(), ...rules.map(({ propertyName }) => propertyName)])];
  const defaults = new type() as Record<string, unknown>;
  return names.map((name) => {
    const own = rules.filter(({ propertyName }) => propertyName === name);
    const isOptional = own.some(({ type: kind }) => kind === 'conditionalValidation');
    const hasDefault = defaults[name] !== undefined;
    const schema = fieldSchema(type, name, own, place === 'body' && isOptional);
    const { description, example } = fieldsOf(type).get(name) ?? {};
    const withDefault =
      hasDefault && !(schema instanceof NamedSchema) ? { ...schema, default: defaults[name] } : schema;
    return { name, required: !isOptional && !hasDefault, schema: withDefault, description, example };
  });
}

function fieldSchema(type: Type, name: string, rules: readonly FieldRule[], orNull: boolean): Schema | NamedSchema {
  const isNested = rules.some(({ type: kind }) => kind === 'nestedValidation');
  const own = keywordsOf(rules.filter(({ each }) => !each));
  const items = keywordsOf(rules.filter(({ each }) => each));
  const isList = own.type === 'array';
  if (isNested && !isList) {
    const item = classSchema(nestedType(type, name, false));
    return orNull ? { anyOf: [item, { type: 'null' }] } : item;
  }
  const schema: Schema = {
    // A pattern and a list of words are for texts.
    type: 'string',
    ...own,
    ...(isList ? { items: isNested ? classSchema(nestedType(type, name, true)) : items } : {}),
  };
  return orNull ? nullable(schema) : schema;
}

function keywordsOf(rules: readonly FieldRule[]): Record<string, unknown> {
  return Object.assign({}, ...rules.map((rule) => keywords(rule))) as Record<string, unknown>;
}

/** What a rule means in a schema. */
function keywords({ name, constraints = [], type }: FieldRule): Schema {
  const [first, second] = constraints;
  if (isFieldSchema(first)) return first[FIELD_SCHEMA];
  switch (name) {
    case 'isString':
      return { type: 'string' };
    case 'isBoolean':
      return { type: 'boolean' };
    case 'isInt':
      return { type: 'integer' };
    case 'isDate':
      return { type: 'string', format: 'date-time' };
    case 'isArray':
      return { type: 'array' };
    case 'isObject':
      return { type: 'object' };
    case 'min':
      return { minimum: first };
    case 'max':
      return { maximum: first };
    case 'isLength':
      return { minLength: first, maxLength: second };
    case 'arrayMaxSize':
      return { maxItems: first };
    case 'matches':
      return { pattern: (first as RegExp).source };
    case 'isIn':
      return { enum: [...(first as unknown[])] };
    case 'isOptional':
      return {};
    case undefined:
      if (type === 'nestedValidation') return {};
  }
  throw new Error(`The rule ${name ?? type} has no meaning in a schema yet.`);
}

function isFieldSchema(constraint: unknown): constraint is { [FIELD_SCHEMA]: Schema } {
  return typeof constraint === 'object' && constraint !== null && FIELD_SCHEMA in constraint;
}

/** Which class a nested value becomes: class-transformer tells it by example alone. */
function nestedType(type: Type, property: string, isList: boolean): Type {
  const sample = plainToInstance(type, { [property]: isList ? [{}] : {} }) as Record<string, unknown>;
  const [value] = [sample[property]].flat();
  return (value as object).constructor as Type;
}

function described(schema: Schema | NamedSchema, description: string | undefined): Schema | NamedSchema {
  return description === undefined || schema instanceof NamedSchema ? schema : { ...schema, description };
}
