// Reads JSON from outside so that every reader of it sees the same: each name of an object stands in it once.
import { DomainError, fieldName, invalidFields } from '@app/platform/problems';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** What a JSON text may hold. */
export interface JsonRules {
  /** Nesting of objects and lists. */
  readonly maxDepth?: number;
  /** Members of objects and items of lists in all. */
  readonly maxMembers?: number;
  /** Whether objects may have names that all of JavaScript's objects have, such as `toString`. Default: no. */
  readonly anyName?: boolean;
}

/** Names that an object has without being given them, or that reach its prototype in code that copies carelessly. */
const INHERITED_NAMES = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);

/** Whether a field of this name is refused wherever it stands: looked up in an object, it is always there. */
export function isInheritedName(name: string): boolean {
  return INHERITED_NAMES.has(name);
}

/** A text that is not read. The message completes "The body ...", or "The field ..." where there is one. */
export class JsonError extends Error {
  override readonly name = 'JsonError';

  /** @param field the path of the field at fault, such as `rights.type`; empty when it is none */
  constructor(
    message: string,
    readonly field = '',
  ) {
    super(message);
  }
}

/** Refuses what is not UTF-8, and takes a byte order mark away. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The value of a JSON text in UTF-8.
 * @throws JsonError
 */
export function parseJson(bytes: Uint8Array, rules: JsonRules = {}): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new JsonError('is not valid UTF-8');
  }
  checkShape(text, rules);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The error would quote the text.
    throw new JsonError('is not valid JSON');
  }
}

/**
 * A string with its escapes, or one sign of structure; what is neither is the parser's to judge. A string that does not
 * end is matched too: one that failed to match would be tried again from each quote in it.
 */
const TOKENS = /"(?:[^"\\]+|\\.?)*(?:"|$)|[{}[\]:,]/gs;

/** An object or a list that is open, with the name or the number of the member that is being read. */
interface Open {
  /** Of an object. */
  readonly names?: Set<string>;
  member: string | number;
}

/** Looks at a text before it is parsed, in time in proportion to it. Says nothing about whether it is JSON. */
function checkShape(text: string, { maxDepth = Infinity, maxMembers = Infinity, anyName = false }: JsonRules): void {
  const open: Open[] = [];
  let members = 0;
  let string = '';
  for (const [token] of text.matchAll(TOKENS)) {
    const inner = open.at(-1);
    if (token === '{' || token === '[') {
      open.push(token === '{' ? { names: new Set(), member: '' } : { member: 0 });
      members += 1;
      if (open.length > maxDepth) throw new JsonError('is nested too deeply');
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ',') {
      members += 1;
      if (typeof inner?.member === 'number') inner.member += 1;
    } else if (token !== ':') {
      string = token;
    } else if (inner?.names !== undefined) {
      const name = string.includes('\\') ? unescaped(string) : string.slice(1, -1);
      inner.member = name;
      if (inner.names.has(name)) throw new JsonError('is given twice', pathOf(open));
      if (!anyName && isInheritedName(name)) throw new JsonError('is not a known field', pathOf(open));
      inner.names.add(name);
    }
    if (members > maxMembers) throw new JsonError('has too many members');
  }
}

function unescaped(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    // Not JSON, which the parser will say.
    return literal;
  }
}

function pathOf(open: readonly Open[]): string {
  return fieldName(open.map(({ member }) => (member === '' ? '""' : member)).join('.'));
}

/**
 * The value of a body.
 * @throws DomainError `invalid-request` for what is empty, not UTF-8, not JSON, or against the rules
 */
export function parseJsonBody(body: Uint8Array, rules: JsonRules): unknown {
  if (body.length === 0) throw new DomainError('invalid-request', 'The body is empty; a JSON object is expected.');
  try {
    return parseJson(body, rules);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const { field, message } = error;
    if (field !== '') throw invalidFields([{ field, message }]);
    throw new DomainError('invalid-request', `The body ${message}.`);
  }
}

/** Reads the JSON bodies of an application, and no others: a form is a 415. */
export function readJsonBodies(app: NestFastifyApplication, rules: JsonRules): void {
  const { bodyLimit } = app.getHttpAdapter().getInstance().initialConfig;
  app.useBodyParser('application/json', { bodyLimit }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(body, rules));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
}
