// Reads JSON objects whose every reader must see the same thing.

/** Strings and structural characters of a JSON text; numbers and words do not matter here. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;

/**
 * Decodes base64url and parses a JSON object. Which of two members with one name counts differs between parsers, so an
 * issuer and this service might read different claims: such a text is refused (RFC 7519, 4), at any depth, as is a text
 * that is not UTF-8.
 *
 * @throws SyntaxError or TypeError when it is not a JSON object, or a name is repeated
 */
export function strictJsonObject(encoded: string): Record<string, unknown> {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(encoded, 'base64url'));
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object');
  if (repeatsName(text)) throw new SyntaxError('a name is repeated');
  return value as Record<string, unknown>;
}

/** Whether an object of a valid JSON text has two members of one name, however the names are escaped. */
function repeatsName(json: string): boolean {
  // The names of the objects that are open, the innermost last; an array has none.
  const open: (Set<unknown> | undefined)[] = [];
  let last = '';
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const names = open.at(-1);
      const name: unknown = JSON.parse(last);
      if (names?.has(name) === true) return true;
      names?.add(name);
    }
    last = token;
  }
  return false;
}
