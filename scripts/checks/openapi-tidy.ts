// What the API's document says otherwise than @nestjs/swagger does.

type Json = Record<string, unknown>;

/** Every object and list in a part of the document, but not in what is an example. */
function walk(value: unknown, visit: (node: Json) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) visit(value as Json);
  for (const [name, member] of Object.entries(value))
    if (name !== 'examples' && name !== 'example') walk(member, visit);
}

/** Says in the words of OpenAPI 3.1, and of this API, what @nestjs/swagger says otherwise. */
export function tidy(document: object): void {
  walk(document, (node) => {
    // The API has no fractions.
    if (node['type'] === 'number') node['type'] = 'integer';
    if (Array.isArray(node['type'])) node['type'] = node['type'].map((type) => (type === 'number' ? 'integer' : type));
    // A choice is not an object beside.
    if (Array.isArray(node['oneOf'])) {
      delete node['type'];
      delete node['properties'];
    }
    // Comments have lines.
    if (typeof node['description'] === 'string')
      node['description'] = node['description'].replaceAll(/(?<!\n)\n(?!\n)/g, ' ');
    // What has a default need not be given.
    const schema = node['schema'] as Json | undefined;
    if (schema !== undefined && 'default' in schema) node['required'] = false;
    if (schema !== undefined && 'example' in schema) {
      node['example'] = schema['example'];
      delete schema['example'];
    }
    const { required, properties } = node as { required?: string[]; properties?: Record<string, Json> };
    if (Array.isArray(required) && properties !== undefined) {
      node['required'] = required.filter((name) => !('default' in (properties[name] ?? {})));
    }
  });
}

/** Objects in requests have no other fields than those described. */
export function closeRequests(paths: object, schemas: Record<string, Json>): void {
  const closed = new Set<Json>();
  const closeAll = (part: unknown) =>
    walk(part, (node) => {
      const named = schemas[nameIn(node) ?? ''];
      if (named !== undefined && !closed.has(named)) closeAll(named);
      if (node['properties'] === undefined || closed.has(node)) return;
      closed.add(node);
      node['additionalProperties'] = false;
    });
  walk(paths, ({ requestBody }) => closeAll(requestBody));
}

function nameIn({ $ref: reference }: Json): string | undefined {
  return typeof reference === 'string' ? reference.split('/').at(-1) : undefined;
}

/** Puts schemas that have no name of their own where they are used. */
export function putInline(document: object, schemas: Record<string, Json>, names: ReadonlySet<string>): void {
  walk(document, (node) => {
    const { anyOf: [one, other] = [] } = node as { anyOf?: Json[] };
    const nullable = other?.['type'] === 'null' ? one : undefined;
    const name = nameIn(nullable ?? node);
    if (name === undefined || !names.has(name)) return;
    delete node['$ref'];
    delete node['anyOf'];
    Object.assign(node, { ...schemas[name], ...node }, nullable && { type: ['object', 'null'] });
  });
  for (const name of names) delete schemas[name];
}
