// Finds the routes of an application, and what each of them reads and requires.
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { configOf, type Listener } from '@app/platform/http';
import { NO_OPERATION, OPERATION, type OperationDescription } from './operation.js';

/** A class that a request's part is read as. */
export type RequestClass = new () => object;

/** A route. */
export interface Route {
  /** As Nest writes it, such as `/v1/contents/:id`. */
  readonly pattern: string;
  /** In lower case. */
  readonly method: string;
  /** Of the controller's method, for messages. */
  readonly handler: string;
  /** Undefined for a route that is open to all. */
  readonly scope: string | undefined;
  readonly listener: Listener;
  /** Undefined for a route that nobody has described. */
  readonly operation: OperationDescription | undefined;
  readonly path: RequestClass | undefined;
  readonly query: RequestClass | undefined;
  readonly body: RequestClass | undefined;
  /** Names of the headers it reads, in lower case. */
  readonly headers: readonly string[];
}

type Handler = (...parameters: never) => unknown;
type Controller = abstract new (...parameters: never) => unknown;

/** All routes but those that are for browsers, in the order of the modules. */
export function routesOf(modules: ModulesContainer): Route[] {
  const controllers = new Set<Controller>();
  for (const { controllers: wrappers } of modules.values()) {
    for (const { metatype } of wrappers.values())
      if (typeof metatype === 'function') controllers.add(metatype as Controller);
  }
  return [...controllers].flatMap(routesOfController);
}

function routesOfController(controller: Controller): Route[] {
  const prototype = controller.prototype as Record<string, Handler>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (handler === undefined || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
    const places = [handler, controller];
    if (metadata(NO_OPERATION, places) === true) return [];
    return pathsOf(controller, handler).map((pattern) => ({
      pattern,
      method: (RequestMethod[metadata(METHOD_METADATA, [handler]) as RequestMethod] ?? '').toLowerCase(),
      handler: `${controller.name}.${name}`,
      scope: configOf(handler).scope ?? undefined,
      listener: configOf(handler).listener ?? 'management',
      operation: metadata(OPERATION, [handler]) as OperationDescription | undefined,
      ...inputsOf(controller, prototype, name),
    }));
  });
}

function pathsOf(controller: Controller, handler: Handler): string[] {
  const below = (place: object) => [(metadata(PATH_METADATA, [place]) as string | string[] | undefined) ?? ''].flat();
  return below(controller).flatMap((base) =>
    below(handler).map(
      (path) =>
        `/${[base, path]
          .flatMap((part) => part.split('/'))
          .filter(Boolean)
          .join('/')}`,
    ),
  );
}

function inputsOf(controller: Controller, prototype: object, name: string) {
  const inputs = Object.entries(
    (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<
      string,
      { index: number; data?: unknown }
    >,
  );
  const types = (Reflect.getMetadata('design:paramtypes', prototype, name) ?? []) as unknown[];
  const of = (kind: RouteParamtypes) => inputs.filter(([key]) => key.startsWith(`${kind}:`)).map(([, input]) => input);
  const classOf = (kind: RouteParamtypes) => {
    const type = of(kind).map(({ index }) => types[index])[0];
    return typeof type === 'function' && type !== Object && type !== String ? (type as RequestClass) : undefined;
  };
  return {
    path: classOf(RouteParamtypes.PARAM),
    query: classOf(RouteParamtypes.QUERY),
    body: classOf(RouteParamtypes.BODY),
    headers: of(RouteParamtypes.HEADERS).flatMap(({ data }) => (typeof data === 'string' ? [data] : [])),
  };
}

/** The first of some places that says something. */
function metadata(key: unknown, places: readonly object[]): unknown {
  return places.map((place): unknown => Reflect.getMetadata(key, place)).find((value) => value !== undefined);
}
