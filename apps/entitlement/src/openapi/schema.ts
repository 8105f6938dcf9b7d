// JSON schemas (2020-12) as OpenAPI 3.1 takes them, tied to the types whose values they describe.

/** A schema. Where it contains a `NamedSchema`, the document has a reference. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

/** A schema that stands in the document's components, under its name. */
export class NamedSchema {
  constructor(
    readonly name: string,
    readonly schema: Schema,
  ) {}
}

/** What `JSON.stringify` makes of a value. */
export type Json<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Json<Item>[]
    : T extends object
      ? { [Key in keyof T]: Json<T[Key]> }
      : T;

type OptionalKey<T> = { [Key in keyof T]-?: undefined extends T[Key] ? Key : never }[keyof T];

/**
 * The schema of an object: a property that the type has and the schema has not, or the other way round, does not compile.
 * @param optional the properties that may be absent
 */
export function objectOf<T extends object>(
  description: string,
  properties: { readonly [Key in keyof T]-?: Schema | NamedSchema },
  optional: readonly OptionalKey<T>[] = [],
): Schema {
  const names = Object.keys(properties) as (keyof T)[];
  const required = names.filter((name) => !(optional as readonly (keyof T)[]).includes(name));
  return { type: 'object', description, required, properties };
}

/** The same schema for a value that may also be null. */
export function nullable(schema: Schema): Schema {
  const { type, enum: values } = schema;
  return {
    ...schema,
    type: [type, 'null'].flat(),
    ...(Array.isArray(values) ? { enum: [...(values as unknown[]), null] } : {}),
  };
}

/** A text. */
export function text(description: string, more: Schema = {}): Schema {
  return { type: 'string', description, ...more };
}

/** One of some words. */
export function oneOf(description: string, words: readonly string[]): Schema {
  return { type: 'string', description, enum: [...words] };
}

/** A whole number. */
export function whole(description: string, more: Schema = {}): Schema {
  return { type: 'integer', description, ...more };
}

/** True or false. */
export function flag(description: string): Schema {
  return { type: 'boolean', description };
}

/** A moment, RFC 3339. */
export function moment(description: string): Schema {
  return { type: 'string', format: 'date-time', description };
}

/** So many hex digits. */
export function hex(digits: number, description: string): Schema {
  return { type: 'string', pattern: `^[0-9a-f]{${digits}}$`, description };
}

/** A list. */
export function listOf(items: Schema | NamedSchema, description: string): Schema {
  return { type: 'array', description, items };
}

/**
 * The schema of a page of a list.
 * @param member the name that the items have in it
 */
export function pageOf(name: string, description: string, member: string, items: Schema): NamedSchema {
  const nextCursor = nullable(text('Asks for the page after this one, as `cursor`; null on the last page.'));
  return new NamedSchema(name, objectOf(description, { [member]: items, nextCursor }));
}
