// Holds answers of the service against what the API's document says of them.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

interface Described {
  content: Record<string, { schema: object }>;
  headers: Record<string, { $ref: string }>;
}

/** An operation of the document. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  /** Undefined when it is open to all. */
  scope: string | undefined;
  /** The media type of its body. */
  bodyType: string | undefined;
  /** Names of the texts in its path and its query. */
  texts: Record<'path' | 'query', readonly string[]>;
  examples: Record<string, unknown>;
  responses: Record<string, Described | { $ref: string }>;
}

interface Document {
  paths: Record<string, Record<string, RawOperation>>;
  components: { responses: Record<string, Described>; schemas: Record<string, object> };
}

interface RawOperation {
  operationId: string;
  parameters?: { name?: string; in?: string; schema?: { type: string } }[];
  security: Record<string, string[]>[];
  requestBody?: { content: Record<string, { examples: Record<string, { value: unknown }> }> };
  responses: Operation['responses'];
}

const FORMATS = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/,
  uri: (text: string) => URL.canParse(text),
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
};

export class Contract {
  readonly operations: readonly Operation[];
  readonly #document = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as Document;
  readonly #met = new Set<string>();
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, formats: FORMATS });

  constructor() {
    this.operations = Object.entries(this.#document.paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, operation]) =>
        method === 'servers' ? [] : [described(path, method, operation)],
      ),
    );
    // A client may take more than it knows; the service may not answer more than it says.
    close(this.#document.components.schemas);
    this.#ajv.addSchema(this.#document, 'api');
  }

  operation(id: string): Operation {
    const found = this.operations.find((operation) => operation.id === id);
    if (found === undefined) throw new Error(`The document has no operation ${id}.`);
    return found;
  }

  /**
   * Holds an answer against its operation: status, media type, headers, and the body.
   * @returns the body
   * @throws Error saying what the document has not
   */
  async check(operation: Operation, answer: Response): Promise<unknown> {
    const { id } = operation;
    const text = await answer.text();
    const told = `${id} ${answer.status} ${text}`;
    const response = this.#resolved(operation.responses[answer.status], told);
    this.#met.add(`${id} ${answer.status}`);
    for (const name of Object.keys(response.headers)) {
      // One answer of several problems has the headers of all of them.
      const isPresent = answer.headers.has(name) || ['Retry-After', 'WWW-Authenticate'].includes(name);
      // Node itself answers a request whose headers it does not read.
      if (!isPresent && answer.status !== 431) throw new Error(`${told} has no header ${name}.`);
    }
    const mediaType = answer.headers.get('content-type')?.split(';')[0] ?? '';
    const content = response.content[mediaType];
    if (content === undefined) throw new Error(`The document does not have ${told} as ${mediaType}.`);
    const body: unknown = mediaType.endsWith('json') && !mediaType.endsWith('ndjson') ? JSON.parse(text) : text;
    this.#validate(rooted(content.schema), body, told);
    return body;
  }

  /**
   * Holds a value against a schema of the document.
   * @throws Error
   */
  checkValue(name: string, value: unknown): void {
    this.#validate({ $ref: `api#/components/schemas/${name}` }, value, name);
  }

  /** Operations and statuses that no answer had yet. */
  unmet(): string[] {
    const all = this.operations.flatMap(({ id, responses }) =>
      Object.keys(responses).map((status) => `${id} ${status}`),
    );
    return all.filter((one) => !this.#met.has(one));
  }

  #resolved(response: Operation['responses'][string] | undefined, told: string): Described {
    if (response === undefined) throw new Error(`The document does not have ${told}`);
    if (!('$ref' in response)) return response;
    const found = this.#document.components.responses[response.$ref.split('/').at(-1) ?? ''];
    if (found === undefined) throw new Error(`The document does not have ${response.$ref}`);
    return found;
  }

  #validate(schema: object, value: unknown, told: string): void {
    if (this.#ajv.validate(schema, value)) return;
    throw new Error(`${told} is not as the document says: ${this.#ajv.errorsText(this.#ajv.errors)}`);
  }
}

function described(path: string, method: string, operation: RawOperation): Operation {
  const textsIn = (place: string) =>
    (operation.parameters ?? []).flatMap(({ name, in: where, schema }) =>
      name !== undefined && where === place && schema?.type === 'string' ? [name] : [],
    );
  const [bodyType, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  return {
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    scope: operation.security[0]?.bearer?.[0],
    bodyType,
    texts: { path: textsIn('path'), query: textsIn('query') },
    examples: Object.fromEntries(Object.entries(content?.examples ?? {}).map(([name, { value }]) => [name, value])),
    responses: operation.responses,
  };
}

/** The schema with references that lead into the document from outside. */
function rooted(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as object;
}

function close(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  if ('properties' in schema && !('additionalProperties' in schema))
    Object.assign(schema, { additionalProperties: false });
  for (const member of Object.values(schema)) close(member);
}
