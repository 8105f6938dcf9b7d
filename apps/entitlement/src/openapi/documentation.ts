// What the API's document says beyond types, rules and comments, as plain values beside the code they are about: the check of the
// document hands them to @nestjs/swagger at build time, and the service carries none of it.
import { SetMetadata } from '@nestjs/common';
import type { ProblemCode } from '@app/platform/problems';

/** A JSON schema, or a part of one. A class in it stands for a reference to the class's own schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A header that some answers have; all of them have `X-Request-Id`. */
export type AnswerHeader = 'ETag' | 'Vary' | 'Retry-After' | 'WWW-Authenticate' | 'Allow';

/** One value that an operation takes or answers, by a name that is unique in the operation. */
export type Examples = Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;

/** What is sent, either way. */
export interface Content {
  readonly description: string;
  /** By default that of the class that the handler reads or returns. */
  readonly schema?: JsonSchema | (abstract new () => object);
  /** JSON by default. */
  readonly mediaType?: string;
  readonly examples: Examples;
  /** What else it can be, by media type. */
  readonly alternatives?: Readonly<Record<string, { readonly schema: JsonSchema; readonly examples: Examples }>>;
}

/** An answer that is no problem. */
export interface Answer extends Content {
  readonly headers?: readonly AnswerHeader[];
}

/** What the document cannot read off a handler; its name is the operation's, its comment the summary and the description. */
export interface OperationDocumentation {
  readonly body?: Content;
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Those that are this operation's own. */
  readonly problems?: readonly ProblemCode[];
}

/** The answer of a list. @param value one page */
export function page(value: object, summary = 'The last page'): OperationDocumentation['answers'] {
  return { 200: { description: 'A page.', examples: { page: { summary, value } } } };
}

/** Metadata keys. */
export const OPERATION = Symbol('operation');
export const TAG = Symbol('tag');

/** A schema that was said of a class, or of a property of its prototype. */
export interface SaidSchema {
  readonly target: object;
  readonly property: string | symbol | undefined;
  readonly schema: JsonSchema;
}

export const SAID_SCHEMAS: SaidSchema[] = [];

/** Documents a handler. The check of the document fails on one without it. */
export function Operation(documentation: OperationDocumentation): MethodDecorator {
  return SetMetadata(OPERATION, documentation);
}

/** The part of the API that a controller is; null for what is for browsers. */
export function Tag(name: string | null): ClassDecorator {
  return SetMetadata(TAG, name);
}

/** Keywords of the schema of a class or of a field that its type does not say. `name` renames a class. */
export function Schema(schema: JsonSchema): ClassDecorator & PropertyDecorator {
  return (target: object, property?: string | symbol) => {
    SAID_SCHEMAS.push({ target, property, schema });
  };
}
