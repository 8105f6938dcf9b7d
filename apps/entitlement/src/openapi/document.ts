// Puts the API's document together, OpenAPI 3.1, from the routes and what they say of themselves.
import type { ProblemCode } from '@app/platform/problems';
import { classFields, classSchema } from './class-schema.js';
import { Components } from './components.js';
import { REQUEST_HEADERS } from './headers.js';
import { INFO, TAGS } from './info.js';
import type { Content, OperationDescription } from './operation.js';
import { problemAnswers } from './problems.js';
import type { RequestClass, Route } from './routes.js';

/** A server of the document. */
export interface Server {
  readonly url: string;
  readonly description: string;
}

/** The document, as JSON. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly servers: readonly Server[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly [member: string]: unknown;
}

/** Where the checked-in document finds the players' API: with `npm run stack`. */
export const DEVELOPMENT_SERVER: Server = {
  url: 'http://localhost:3000',
  description: "Players' API of `npm run stack`",
};

/** Operations for those who run the service are where the document is. */
const MANAGEMENT_SERVER: Server = { url: '/', description: 'Where this document is: the management port' };

/** The order of the page. */
const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

/** @param routes those without a description are left out */
export function buildDocument(routes: readonly Route[], server = DEVELOPMENT_SERVER): OpenApiDocument {
  const components = new Components();
  const described = routes.flatMap((route) =>
    route.operation === undefined ? [] : [{ ...route, operation: route.operation }],
  );
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of described.toSorted(byPage)) {
    const path = route.pattern.replaceAll(/:(\w+)/g, '{$1}');
    const item = (paths[path] ??= route.listener === 'management' ? { servers: [MANAGEMENT_SERVER] } : {});
    item[route.method] = operationOf(route, route.operation, components);
  }
  // Answers of addresses rather than of operations.
  for (const answer of problemAnswers(['route-not-found', 'method-not-allowed'])) components.problem(answer);
  return {
    openapi: '3.1.1',
    info: INFO,
    servers: [server],
    tags: TAGS,
    paths: components.resolve(paths) as OpenApiDocument['paths'],
    components: components.all(),
  };
}

function byPage(one: Route & { operation: OperationDescription }, other: typeof one): number {
  const place = ({ operation, pattern, method }: typeof one) =>
    [TAGS.findIndex(({ name }) => name === operation.tag), pattern, METHODS.indexOf(method)] as const;
  const [tag, pattern, method] = place(one);
  const [otherTag, otherPattern, otherMethod] = place(other);
  return tag - otherTag || (pattern < otherPattern ? -1 : Number(pattern > otherPattern)) || method - otherMethod;
}

function operationOf(route: Route, operation: OperationDescription, components: Components): object {
  const { id, tag, summary, description, answers } = operation;
  const problems = problemAnswers([...commonProblems(route), ...(operation.problems ?? [])]);
  const scope = route.scope === undefined ? 'No bearer token is needed.' : `Needs the scope \`${route.scope}\`.`;
  const body = requestBody(route, operation, components);
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: `${description}\n\n${scope}`,
    security: route.scope === undefined ? [] : [{ bearer: [route.scope] }],
    parameters: [...parameters(route), components.requestIdParameter()],
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [
          status,
          {
            description: answer.description,
            headers: components.headers(answer.headers ?? []),
            content: contentOf(answer.content),
          },
        ]),
      ),
      ...Object.fromEntries(problems.map((answer) => [answer.status, components.problem(answer)])),
    },
  };
}

/** What any route of this kind can answer. */
function commonProblems({ scope, operation, body, listener: place }: Route): ProblemCode[] {
  const hasBody = body !== undefined || operation?.body !== undefined;
  const hasWholeBody = hasBody && operation?.body?.mediaType === undefined;
  const when = (applies: boolean, ...codes: ProblemCode[]) => (applies ? codes : []);
  return [
    ...when(true, 'invalid-request', 'request-timeout', 'headers-too-large', 'internal-error'),
    ...when(scope !== undefined, 'unauthenticated', 'insufficient-scope', 'service-unavailable'),
    // Probes of health are not counted.
    ...when(place !== 'both', 'rate-limited'),
    ...when(hasBody, 'unsupported-media-type'),
    ...when(hasWholeBody, 'payload-too-large'),
    // On the public port there is nothing at such an address.
    ...when(place === 'management', 'route-not-found'),
  ];
}

function parameters({ path, query, headers }: Route): object[] {
  return [
    ...fieldParameters(path, 'path'),
    ...fieldParameters(query, 'query'),
    ...headers.flatMap((name) => {
      const header = REQUEST_HEADERS[name];
      if (header === undefined) throw new Error(`The header ${name} is not described.`);
      return header === null ? [] : [{ in: 'header', required: false, ...header }];
    }),
  ];
}

function fieldParameters(type: RequestClass | undefined, place: 'path' | 'query'): object[] {
  if (type === undefined) return [];
  return classFields(type, 'address').map(({ name, required, schema, description, example }) => ({
    name,
    in: place,
    required,
    ...(description === undefined ? {} : { description }),
    schema,
    ...(example === undefined ? {} : { example }),
  }));
}

function requestBody(route: Route, { body, id }: OperationDescription, components: Components): object | undefined {
  if (body === undefined) {
    if (route.body !== undefined) throw new Error(`The operation ${id} does not describe its body.`);
    return undefined;
  }
  const schema = body.schema ?? (route.body === undefined ? undefined : classSchema(route.body));
  if (schema === undefined) throw new Error(`The operation ${id} reads no class and describes no schema.`);
  const content = contentOf({ [body.mediaType ?? 'application/json']: { schema, examples: body.examples } });
  return components.resolve({ description: body.description, required: true, content }) as object;
}

function contentOf(content: Readonly<Record<string, Content>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(content).map(([mediaType, { schema, examples }]) => [
      mediaType,
      { schema, ...(examples === undefined ? {} : { examples }) },
    ]),
  );
}
