// Looks at a JSON text before it is parsed: how deep, how large, and which names.
import { DomainError } from '@app/problems';

/** How much a JSON text may hold. */
export interface JsonLimits {
  /** Nesting of objects and lists. */
  readonly maxDepth: number;
  /** Members of objects and items of lists in all. */
  readonly maxMembers: number;
}

/** Names that reach an object's prototype in code that copies carelessly. */
const PROTOTYPE_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

/** Whether a field of this name is refused wherever it stands. */
export function isPrototypeName(name: string): boolean {
  return PROTOTYPE_NAMES.has(name);
}

/**
 * A string with its escapes, or one sign of structure; what is neither is the parser's to judge. A string that does not
 * end is matched too: one that failed to match would be tried again from each quote in it.
 */
const TOKENS = /"(?:[^"\\]+|\\.?)*(?:"|$)|[{}[\]:,]/gs;

/**
 * Refuses a text that is too deep or too large, and one whose objects have a name twice or a name of a prototype. Takes
 * time in proportion to the text. Says nothing about whether the text is JSON.
 *
 * @throws DomainError `invalid-request`
 */
export function checkJsonShape(text: string, { maxDepth, maxMembers }: JsonLimits): void {
  /** The names of each object that is open; a list has none. */
  const open: (Set<string> | undefined)[] = [];
  let members = 0;
  let string = '';
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : undefined);
      members += 1;
      if (open.length > maxDepth) throw refused('The body is nested too deeply.');
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ',') {
      members += 1;
    } else if (token === ':') {
      addName(open.at(-1), string);
    } else {
      string = token;
    }
    if (members > maxMembers) throw refused('The body has too many members.');
  }
}

function addName(names: Set<string> | undefined, literal: string): void {
  const name = literal.includes('\\') ? unescaped(literal) : literal.slice(1, -1);
  if (isPrototypeName(name)) throw refused('The body has a field that is not allowed.');
  if (names?.has(name)) throw refused('The body has a field twice.');
  names?.add(name);
}

function unescaped(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    // Not JSON, which the parser will say.
    return literal;
  }
}

function refused(detail: string): DomainError {
  return new DomainError('invalid-request', detail);
}
