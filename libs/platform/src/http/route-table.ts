// Knows which routes an address has: for which methods, and on which listener.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { cameByManagement } from './management-requests.js';

/**
 * Where a route belongs: to the public, to those who run the service, or to both. With a listener for management each
 * listener has its own routes and those of both; without one all are on the one listener.
 */
export type Place = 'public' | 'management' | 'both';

/** The routes of an address that a request can see. */
export interface RouteTable {
  /**
   * Methods of the request's address, such as `['GET', 'HEAD']`; empty when there is nothing at it, or nothing on the
   * listener that the request came in by.
   */
  methods(request: FastifyRequest): readonly string[];
  /** Where the request's address belongs; undefined when there is nothing at it. */
  place(request: FastifyRequest): Place | undefined;
  /** The pattern of the route that the request is for; undefined when there is none on the listener that it came in by. */
  pattern(request: FastifyRequest): string | undefined;
}

interface Route {
  readonly segments: readonly string[];
  readonly methods: readonly string[];
  readonly place: Place;
}

/**
 * Watches routes being added. Call it before there are any.
 * @param placeOf where a route belongs, by its pattern, such as `/v1/contents/:id`
 * @param apart whether there is a listener for management
 */
export function routeTable(instance: FastifyInstance, placeOf: (pattern: string) => Place, apart: boolean): RouteTable {
  const routes: Route[] = [];
  instance.addHook('onRoute', ({ method, url }) => {
    routes.push({ segments: segmentsOf(url), methods: [method].flat(), place: placeOf(url) });
  });

  const isVisible = (place: Place, request: FastifyRequest) =>
    !apart || place === 'both' || (place === 'management') === cameByManagement(request.raw);

  function find(request: FastifyRequest): readonly Route[] {
    const path = segmentsOf(request.url.split('?', 1)[0] ?? '');
    return routes.filter(({ segments, place }) => isVisible(place, request) && matches(segments, path));
  }

  function placeFor(request: FastifyRequest): Place | undefined {
    const { url: pattern } = request.routeOptions;
    if (request.is404 || pattern === undefined) return find(request)[0]?.place;
    // The pattern that the router found, not the address: that can be written in many ways.
    const found = placeOf(pattern);
    return isVisible(found, request) ? found : undefined;
  }

  return {
    methods: (request) => [...new Set(find(request).flatMap(({ methods }) => methods))].toSorted(),
    place: placeFor,
    pattern: (request) => (request.is404 || placeFor(request) === undefined ? undefined : request.routeOptions.url),
  };
}

function segmentsOf(path: string): string[] {
  return path.split('/').slice(1);
}

/** `:name` stands for one segment that is not empty, `*` for all that follow. */
function matches(pattern: readonly string[], path: readonly string[]): boolean {
  const wildcard = pattern.indexOf('*');
  if (wildcard === -1 ? pattern.length !== path.length : path.length < wildcard) return false;
  const fixed = wildcard === -1 ? pattern : pattern.slice(0, wildcard);
  return fixed.every((segment, index) => (segment.startsWith(':') ? path[index] !== '' : segment === path[index]));
}
