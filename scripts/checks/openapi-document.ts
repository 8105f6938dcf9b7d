// Makes the API's document from the service's modules, without starting it: @nestjs/swagger reads routes, types, rules and comments
// (its plug-in is in `nest-cli.openapi.json`), and this adds what the routes say beside them and what every operation has.
import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { MetadataScanner, ModulesContainer, NestFactory } from '@nestjs/core';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ApiExcludeController, ApiProperty, ApiSchema, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { loadEnvironment } from '@app/platform/configuration';
import { configOf, type Listener } from '@app/platform/http';
import type { ProblemCode } from '@app/platform/problems';
import { AppModule } from '../../apps/entitlement/src/app.module.js';
import { buildVersion } from '../../apps/entitlement/src/build-version.js';
import { Environment } from '../../apps/entitlement/src/environment.js';
import {
  type Content,
  OPERATION,
  type OperationDocumentation,
  SAID_SCHEMAS,
  TAG,
} from '../../apps/entitlement/src/openapi/documentation.js';
import { Problem } from '../../apps/entitlement/src/openapi/problem.dto.js';
import { REQUIRED_VARIABLES } from '../../apps/entitlement/src/testing/required-variables.js';
import {
  HEADERS,
  headersOf,
  IF_MATCH,
  problemAnswers,
  problemExamples,
  REQUEST_ID_PARAMETER,
} from './openapi-components.js';
import { closeRequests, putInline, tidy } from './openapi-tidy.js';

const TAGS: readonly (readonly [string, string])[] = [
  ['Licence tokens', 'What a player needs to get a licence.'],
  ['Entitlements', 'What a user may play, without spending a token.'],
  ['Catalogue', 'Contents, their keys and output policies.'],
  ['Purchases', 'What was sold, and what became of it.'],
  ['Ledger', 'What was decided, for customer support and audits.'],
  ['Service', 'Health and figures, for those who run the service.'],
];

const ABOUT = [
  "Players ask under `/v1`; the store and customer support under `/v1/admin`, which is on the service's management port.",
  'All times are UTC, RFC 3339. An error is a problem document (RFC 9457) with a stable `code`.',
  'Every answer carries `Cache-Control: no-store` and `X-Request-Id`. A field or parameter that is not in this document is refused with 400; an address that is not in it is 404 `route-not-found`, and a method that an address does not take 405 `method-not-allowed` with `Allow`.',
].join('\n\n');

const BEARER =
  'A signed JWT from the issuer that the service trusts. Its `scope` has the scope that the operation needs: `playback` for players, `catalog:write`, `purchases:write` or `ledger:read` for machines.';

/** Operations for those who run the service are where the document is. */
const MANAGEMENT_SERVER = { url: '/', description: 'Where this document is: the management port' };

type AnyClass = abstract new (...parameters: never) => object;
type Json = Record<string, unknown>;

/** An operation as @nestjs/swagger has it. */
interface Operation extends Json {
  operationId: string;
  description: string;
  parameters: Json[];
  requestBody?: { content: Record<string, { schema: Json }> };
  responses: Record<string, { content?: Record<string, { schema: Json }> }>;
}

/** A handler of a route of the API. */
interface Handler {
  readonly documentation: OperationDocumentation;
  readonly scope: string | undefined;
  readonly listener: Listener;
  readonly tag: string;
}

/**
 * The document as the code has it.
 * @throws Error naming the routes that do not say what they do
 */
export async function documentOfCode(): Promise<object> {
  const module = AppModule.forEnvironment(loadEnvironment(Environment, { ...REQUIRED_VARIABLES, NODE_ENV: 'test' }));
  // A preview resolves the modules and makes none of their parts.
  const app = await NestFactory.create(module, new FastifyAdapter(), { preview: true, logger: false });
  const handlers = handlersOf(app.get(ModulesContainer));
  const { classes, inline } = saySchemas();
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.1')
    .setTitle('Entitlement BFF for ExpressPlay')
    .setDescription(ABOUT)
    .setVersion(buildVersion())
    // Where the checked-in document finds the players' API; a service that runs puts its own address in.
    .addServer('http://localhost:3000', "Players' API of `npm run stack`")
    .addSecurity('bearer', { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: BEARER });
  for (const [name, description] of TAGS) builder.addTag(name, description);
  const config = builder.build();
  delete config.info.contact;
  Object.assign(config.info, {
    summary: 'Licence tokens for those who bought or rented a title, and the administration of both.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  });
  const document = SwaggerModule.createDocument(app, config, {
    autoTagControllers: false,
    operationIdFactory: (_controller, method) => method,
    extraModels: [...classes, Problem] as Type[],
  });
  const components = document.components as unknown as Record<string, Record<string, unknown>>;
  const schemas = components['schemas'] as Record<string, Json>;
  components['parameters'] = { RequestId: REQUEST_ID_PARAMETER };
  components['headers'] = HEADERS;
  components['examples'] = problemExamples();
  components['responses'] = {};
  const respond = (codes: readonly ProblemCode[]) =>
    problemAnswers(codes).map(({ name, status, answer }) => {
      (components['responses'] as Json)[name] = answer;
      return [status, { $ref: `#/components/responses/${name}` }] as const;
    });
  for (const item of Object.values(document.paths) as unknown as Record<string, Operation>[]) {
    let listener: Listener | undefined;
    for (const operation of Object.values(item)) {
      const handler = handlers.get(operation.operationId);
      if (handler === undefined) throw new Error(`${operation.operationId} is not known.`);
      const problems = [...commonProblems(handler), ...(handler.documentation.problems ?? [])];
      complete(operation, handler, respond(problems));
      listener = handler.listener;
    }
    if (listener === 'management') Object.assign(item, { servers: [MANAGEMENT_SERVER] });
  }
  // Answers of addresses rather than of operations.
  respond(['route-not-found', 'method-not-allowed']);
  tidy(document);
  closeRequests(document.paths, schemas);
  putInline(document, schemas, inline);
  components['schemas'] = Object.fromEntries(
    Object.entries(schemas).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
  return document;
}

/** The handlers of the API's routes, by the names that are their operations'. */
function handlersOf(modules: ModulesContainer): Map<string, Handler> {
  const handlers = new Map<string, Handler>();
  const controllers = [...modules.values()].flatMap((module) => [...module.controllers.values()]);
  for (const { metatype } of controllers) {
    const controller = metatype as Type<Record<string, object>>;
    const tag = Reflect.getMetadata(TAG, controller) as string | null | undefined;
    if (tag === null) {
      ApiExcludeController()(controller);
      continue;
    }
    for (const name of new MetadataScanner().getAllMethodNames(controller.prototype as object)) {
      const method = (controller.prototype as Record<string, object>)[name];
      if (method === undefined || !Reflect.hasMetadata(METHOD_METADATA, method)) continue;
      const documentation = Reflect.getMetadata(OPERATION, method) as OperationDocumentation | undefined;
      if (documentation === undefined || tag === undefined)
        throw new Error(`${controller.name}.${name} has no @Operation() or no @Tag()`);
      if (handlers.has(name)) throw new Error(`There are two operations ${name}.`);
      const { scope, listener = 'management' } = configOf(method);
      handlers.set(name, { documentation, scope: scope ?? undefined, listener, tag });
    }
  }
  return handlers;
}

/** Hands what was said of classes and fields to @nestjs/swagger. */
function saySchemas(): { classes: AnyClass[]; inline: Set<string> } {
  const said = SAID_SCHEMAS.map(({ schema, ...place }) => ({ ...place, ...(resolve(schema) as { inline?: boolean }) }));
  const ofClasses = said.filter(({ property }) => property === undefined);
  for (const { target, property, inline: _, ...keywords } of said) {
    if (property !== undefined) ApiProperty(keywords)(target, property);
    else ApiSchema(keywords)(target as Type);
  }
  return {
    classes: ofClasses.map(({ target }) => target as AnyClass),
    inline: new Set(ofClasses.flatMap(({ inline, target }) => (inline === true ? [nameOf(target as AnyClass)] : []))),
  };
}

function nameOf(type: AnyClass): string {
  const said = SAID_SCHEMAS.find(({ target, property }) => target === type && property === undefined);
  return (said?.schema['name'] as string | undefined) ?? type.name;
}

/** The schema with references in the place of classes. */
function resolve(value: unknown): unknown {
  if (typeof value === 'function') return { $ref: `#/components/schemas/${nameOf(value as AnyClass)}` };
  if (Array.isArray(value)) return value.map(resolve);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolve(member)]));
}

/** What any route of this kind can answer. */
function commonProblems({ scope, listener: place, documentation: { body } }: Handler): ProblemCode[] {
  const when = (applies: boolean, ...codes: ProblemCode[]) => (applies ? codes : []);
  return [
    ...when(true, 'invalid-request', 'request-timeout', 'headers-too-large', 'internal-error'),
    ...when(scope !== undefined, 'unauthenticated', 'insufficient-scope', 'service-unavailable'),
    // Probes of health are not counted.
    ...when(place !== 'both', 'rate-limited'),
    ...when(body !== undefined, 'unsupported-media-type'),
    // One that is read as a stream has no limit.
    ...when(body !== undefined && body.mediaType === undefined, 'payload-too-large'),
    // On the public port there is nothing at such an address.
    ...when(place === 'management', 'route-not-found'),
  ];
}

function complete(
  operation: Operation,
  { documentation, scope, tag }: Handler,
  problems: (readonly [number, Json])[],
): void {
  const { body, answers } = documentation;
  const read = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  if (read !== undefined && body === undefined)
    throw new Error(`${operation.operationId} does not say what its body is.`);
  const returned = Object.values(operation.responses).flatMap(({ content = {} }) => Object.values(content))[0]?.schema;
  const contentOf = (content: Content, byDefault: Json | undefined) => {
    const { mediaType = 'application/json', schema, examples, alternatives } = content;
    if (schema === undefined && byDefault === undefined) throw new Error(`${operation.operationId} says no schema.`);
    return { [mediaType]: { schema: schema === undefined ? byDefault : resolve(schema), examples }, ...alternatives };
  };
  Object.assign(operation, {
    tags: [tag],
    description: `${operation.description}\n\n${scope === undefined ? 'No bearer token is needed.' : `Needs the scope \`${scope}\`.`}`,
    security: scope === undefined ? [] : [{ bearer: [scope] }],
    parameters: [
      // OpenAPI has another place for what is accepted.
      ...operation.parameters.filter((parameter) => parameter['in'] !== 'header'),
      ...(documentation.problems?.includes('precondition-failed') ? [IF_MATCH] : []),
      { $ref: '#/components/parameters/RequestId' },
    ],
    ...(body && { requestBody: { description: body.description, required: true, content: contentOf(body, read) } }),
    responses: Object.fromEntries([
      ...Object.entries(answers).map(([status, answer]) => [
        status,
        {
          description: answer.description,
          headers: headersOf(answer.headers),
          content: contentOf(answer, returned),
        },
      ]),
      ...problems,
    ]),
  });
}
