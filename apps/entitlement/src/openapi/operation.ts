// What a route says of itself for the API's document; the rest is read from the route.
import { SetMetadata } from '@nestjs/common';
import type { ProblemCode } from '@app/platform/problems';
import type { NamedSchema, Schema } from './schema.js';

/** The parts of the API, in the order of the page. */
export type Tag = 'Licence tokens' | 'Entitlements' | 'Catalogue' | 'Purchases' | 'Ledger' | 'Service';

/** One value that an operation takes or answers. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** Something of one media type. */
export interface Content {
  readonly schema: Schema | NamedSchema;
  /** By a name that is unique in the operation. */
  readonly examples?: Readonly<Record<string, Example>>;
}

/** A header that some answers have; all of them have `X-Request-Id`. */
export type AnswerHeader = 'ETag' | 'Vary' | 'Retry-After' | 'WWW-Authenticate' | 'Allow';

/** An answer that is no problem. */
export interface Answer {
  readonly description: string;
  readonly headers?: readonly AnswerHeader[];
  /** By media type. */
  readonly content: Readonly<Record<string, Content>>;
}

/** What the body of a request is. */
export interface Body {
  readonly description: string;
  /** JSON by default. */
  readonly mediaType?: string;
  /** By default that of the class the handler reads. */
  readonly schema?: Schema | NamedSchema;
  readonly examples: Readonly<Record<string, Example>>;
}

/** An operation of the API. Path, parameters, scope and the problems that any such route can answer are read from the route. */
export interface OperationDescription {
  /** The name of the operation in clients. */
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description: string;
  readonly body?: Body;
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Problems that are this operation's own. */
  readonly problems?: readonly ProblemCode[];
}

/** Metadata key under which a route's description is kept. */
export const OPERATION = Symbol('operation');

/** Metadata key of routes that are no part of the API. */
export const NO_OPERATION = Symbol('no operation');

/** Metadata key of what is said of the fields of a request. */
export const FIELDS = Symbol('fields');

/** Describes a route. The check of the document fails on a route without it. */
export function Operation(description: OperationDescription): MethodDecorator {
  return SetMetadata(OPERATION, description);
}

/** A route that is for browsers, not for clients of the API. */
export function NoOperation(): ClassDecorator & MethodDecorator {
  return SetMetadata(NO_OPERATION, true);
}

/** What is said of a field. */
export interface FieldDescription {
  readonly description: string;
  /** Of parameters: a value for trying the operation out. */
  readonly example?: unknown;
}

/** Describes a field of a request; what it must be is read from its rules. */
export function Field(description: string, example?: unknown): PropertyDecorator {
  return (target, property) => {
    const fields = fieldsOf(target.constructor as new () => object);
    const described: FieldDescription = { description, ...(example === undefined ? {} : { example }) };
    Reflect.defineMetadata(FIELDS, new Map([...fields, [String(property), described]]), target.constructor);
  };
}

/** The described fields of a class and of those it extends, by name. */
export function fieldsOf(type: new () => object): ReadonlyMap<string, FieldDescription> {
  return (Reflect.getMetadata(FIELDS, type) as ReadonlyMap<string, FieldDescription> | undefined) ?? new Map();
}

/** A JSON answer. */
export function json(schema: Schema | NamedSchema, examples: Readonly<Record<string, Example>>): Answer['content'] {
  return { 'application/json': { schema, examples } };
}
