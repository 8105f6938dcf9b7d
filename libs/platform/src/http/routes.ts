// Routes: what each says of itself, the listener that serves it, and the answers at addresses and methods that have none.
import { type IncomingMessage, METHODS } from 'node:http';
import { DomainError, RouteNotFoundError, toDomainError } from '@app/platform/problems';
import { MetadataScanner } from '@nestjs/core';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { FastifyContextConfig, FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';

/**
 * Whom a route is for: the public, those who run the service, or both. With a listener for management each listener
 * serves its own routes and those of both; without one all are on the one listener.
 */
export type Listener = 'public' | 'management' | 'both';

declare module 'fastify' {
  interface FastifyContextConfig {
    listener?: Listener;
    /** Of a route that stands for the methods which an address does not take: those that it takes. */
    allowed?: readonly string[];
  }
}

/** Says something in the Fastify configuration of a route, or of all routes of a controller that do not say otherwise. */
export function routeConfig(config: FastifyContextConfig): ClassDecorator & MethodDecorator {
  return (target: object, _name?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (descriptor !== undefined) define(descriptor.value as object, { ...configOf(descriptor.value), ...config });
    else for (const handler of handlersOf(target)) define(handler, { ...config, ...configOf(handler) });
  };
}

/** What a handler says so far in the configuration of its route. */
export function configOf(handler: object): FastifyContextConfig {
  return (Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) ?? {}) as FastifyContextConfig;
}

function define(handler: object, config: FastifyContextConfig): void {
  Reflect.defineMetadata(FASTIFY_ROUTE_CONFIG_METADATA, config, handler);
}

function handlersOf(controller: object): object[] {
  const { prototype } = controller as { prototype: Record<string, object> };
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => prototype[name] ?? []);
}

/** The pattern of all addresses. */
const EVERYWHERE = '*';

const managementRequests = new WeakSet<IncomingMessage>();

/** Remembers that a request came in by the listener for management. */
export function markManagement(request: IncomingMessage): void {
  managementRequests.add(request);
}

/**
 * Lets the router itself tell the listeners apart: on the other one there is nothing at a route's address. A route that does
 * not say whom it is for is for management, so that one that nobody thought of is not open to the world. Call it before
 * there are routes.
 * @param apart whether there is a listener for management
 */
export function separateListeners(instance: FastifyInstance, apart: boolean): void {
  instance.addConstraintStrategy({
    name: 'listener',
    storage: () => {
      const handlers = new Map<unknown, never>();
      return {
        get: (listener) => handlers.get(listener) ?? null,
        set: (listener, handler) => void handlers.set(listener, handler as never),
        del: (listener) => void handlers.delete(listener),
        empty: () => handlers.clear(),
      };
    },
    validate: () => undefined,
    deriveConstraint: (request) => (managementRequests.has(request) ? 'management' : 'public'),
    mustMatchWhenDerived: false,
  });
  instance.addHook('onRoute', (route) => {
    const listener = route.config?.listener ?? 'management';
    route.config = { ...route.config, listener };
    // No request comes in by that: preflights are answered without the route that @fastify/cors adds for them.
    if (route.url === EVERYWHERE) route.constraints = { ...route.constraints, listener: 'none' };
    else if (apart && listener !== 'both') route.constraints = { ...route.constraints, listener };
  });
}

/** The pattern of the route that a request is for; undefined when there is none for it on the listener that it came in by. */
export function patternOf({ is404, routeOptions }: FastifyRequest): string | undefined {
  return is404 || routeOptions.config.allowed !== undefined ? undefined : routeOptions.url;
}

/**
 * Finds out which methods each address takes.
 * @returns call it when all routes are there: it adds one to each address, for the methods that this one does not take
 */
export function watchMethods(
  instance: FastifyInstance,
  isAnswered: (pattern: string) => boolean = (pattern) => pattern !== EVERYWHERE,
): () => void {
  const addresses = new Map<string, Pick<Required<RouteOptions>, 'config' | 'constraints'> & { methods: string[] }>();
  instance.addHook('onRoute', ({ method, url, config = {}, constraints = {} }) => {
    if (!isAnswered(url)) return;
    const address = addresses.get(url) ?? { methods: [], config, constraints };
    address.methods.push(...[method].flat());
    addresses.set(url, address);
  });
  return () => {
    const known = [...addresses];
    // Those that Fastify does not know are the router's business too.
    for (const method of METHODS) if (!instance.supportedMethods.includes(method)) instance.addHttpMethod(method);
    for (const [url, { methods, config: own, constraints }] of known) {
      // A parameter in its place would take this address too, where they are of one listener: its routes stand.
      const others = known.filter(
        ([pattern, other]) => covers(pattern, url) && listenerOf(other) === listenerOf({ constraints }),
      );
      const allowed = [...new Set([...methods, ...others.flatMap(([, other]) => other.methods)])].toSorted();
      const method = METHODS.filter((other) => !allowed.includes(other));
      const config = { allowed, ...(own.listener === undefined ? {} : { listener: own.listener }) };
      // It is answered before it gets here.
      instance.route({ method, url, constraints, config, handler: () => Promise.reject(new RouteNotFoundError()) });
    }
  };
}

function listenerOf({ constraints }: Pick<RouteOptions, 'constraints'>): unknown {
  return (constraints as { listener?: unknown }).listener;
}

/** Whether an address that is written like one pattern is one of another. */
function covers(pattern: string, url: string): boolean {
  const [parts, address] = [pattern.split('/'), url.split('/')];
  return parts.length === address.length && parts.every((part, at) => part.startsWith(':') || part === address[at]);
}

/** Whether a part of the address is empty: the router takes that for a parameter, the routes do not. `*` may be nothing. */
export function hasEmptyPart({ params }: FastifyRequest): boolean {
  return Object.entries(params ?? {}).some(([name, part]) => name !== '*' && part === '');
}

/** A known address with another method: 405 with `Allow`, or the plain list of methods for OPTIONS. */
export function answerWrongMethods(instance: FastifyInstance): void {
  // Before the body is read: a wrong address with a wrong body is first of all a wrong address.
  instance.addHook('preParsing', (request, reply, _payload, done) => {
    const { allowed } = request.routeOptions.config;
    if (allowed === undefined || hasEmptyPart(request)) {
      done();
      return;
    }
    const headers = { Allow: allowed.join(', ') };
    if (request.method === 'OPTIONS') void reply.code(204).headers(headers).send();
    else done(new DomainError('method-not-allowed', `This address takes ${headers.Allow}.`, { headers }));
  });
}

/** An unknown address is answered without a look at the body; nothing tells it from one of the other listener. */
export function answerWrongAddresses(instance: FastifyInstance): void {
  instance.addHook('preParsing', (request, _reply, payload, done) => {
    if (patternOf(request) === undefined) done(new RouteNotFoundError());
    else done(null, payload);
  });
}

/** An address that the router can read and that no route has. */
const NOWHERE = '//';

/** The one error of the router that is answered as an address with nothing at it: else it would tell where routes are. */
const TOO_LONG = 'FST_ERR_MAX_PARAM_LENGTH';

const badAddresses = new WeakMap<IncomingMessage, { readonly url: string; readonly error: DomainError | undefined }>();

/** Gives a request whose address the router failed on with this error one that leads nowhere, to go the way of all others. */
export function leadNowhere(request: IncomingMessage, error?: Error & { readonly code: string }): void {
  const isMalformed = error !== undefined && error.code !== TOO_LONG;
  badAddresses.set(request, { url: request.url ?? '', error: isMalformed ? malformed(error) : undefined });
  request.url = NOWHERE;
}

/** The address of a request as it was sent. */
export function addressAsSent(request: IncomingMessage & { originalUrl?: string }): string {
  return badAddresses.get(request)?.url ?? request.originalUrl ?? request.url ?? '';
}

/** Answers requests whose address is malformed, after all that is done with requests when they come in. */
export function refuseBadAddresses(instance: FastifyInstance): void {
  instance.addHook('preParsing', (request, _reply, payload, done) => {
    const error = badAddresses.get(request.raw)?.error;
    if (error === undefined) done(null, payload);
    else done(error);
  });
}

/** What may follow on the connection is not waited for. */
function malformed(cause: Error): DomainError {
  const { code, detail } = toDomainError(cause);
  return new DomainError(code, detail, { cause, headers: { Connection: 'close' } });
}
