// Collects what the document says once and refers to: schemas, headers, problems, their examples.
import { PROBLEM_MEDIA_TYPE } from '@app/platform/problems';
import { ANSWER_HEADERS, REQUEST_ID_PARAMETER } from './headers.js';
import type { AnswerHeader } from './operation.js';
import { type ProblemAnswer, problemExamples } from './problems.js';
import { NamedSchema } from './schema.js';

const [PROBLEM_TYPE = PROBLEM_MEDIA_TYPE] = PROBLEM_MEDIA_TYPE.split(';');

export class Components {
  readonly #schemas = new Map<string, unknown>();
  readonly #responses = new Map<string, unknown>();
  readonly #headers = new Set<AnswerHeader | 'X-Request-Id'>();

  /** The value with references in the place of named schemas. */
  resolve(value: unknown): unknown {
    if (value instanceof NamedSchema) return this.#schema(value);
    if (Array.isArray(value)) return value.map((item) => this.resolve(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.resolve(member)]));
  }

  requestIdParameter(): object {
    return { $ref: '#/components/parameters/RequestId' };
  }

  headers(names: readonly AnswerHeader[]): Record<string, object> {
    const all = ['X-Request-Id', ...names] as const;
    for (const name of all) this.#headers.add(name);
    return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
  }

  problem({ name, description, headers, schema, codes }: ProblemAnswer): object {
    const examples = Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
    this.#responses.set(name, {
      description,
      headers: this.headers(headers),
      content: { [PROBLEM_TYPE]: { schema: this.resolve(schema), examples } },
    });
    return { $ref: `#/components/responses/${name}` };
  }

  all(): object {
    return {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'A signed JWT from the issuer that the service trusts. Its `scope` has the scope that the operation needs: `playback` for players, `catalog:write`, `purchases:write` or `ledger:read` for machines.',
        },
      },
      parameters: { RequestId: REQUEST_ID_PARAMETER },
      headers: sorted([...this.#headers].map((name) => [name, ANSWER_HEADERS[name]])),
      schemas: sorted([...this.#schemas]),
      responses: sorted([...this.#responses]),
      examples: problemExamples(),
    };
  }

  #schema(named: NamedSchema): object {
    const { name, schema } = named;
    if (!this.#schemas.has(name)) {
      // First its place, for a schema that contains itself.
      this.#schemas.set(name, undefined);
      this.#schemas.set(name, this.resolve(schema));
    }
    return { $ref: `#/components/schemas/${name}` };
  }
}

function sorted(entries: [string, unknown][]): Record<string, unknown> {
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
