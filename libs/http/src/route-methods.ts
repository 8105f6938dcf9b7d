// Knows which methods an address takes, so that a wrong method is told apart from a wrong address.
import type { FastifyInstance } from 'fastify';

/** Finds the methods of an address: `allowed('/v1/contents/7')` is `['GET', 'HEAD']`, or empty for an unknown one. */
export interface RouteMethods {
  allowed(url: string): readonly string[];
}

/** Watches routes being added. Call it before there are any. */
export function collectRouteMethods(instance: FastifyInstance): RouteMethods {
  const routes: { segments: readonly string[]; methods: readonly string[] }[] = [];
  instance.addHook('onRoute', ({ method, url }) => {
    routes.push({ segments: segmentsOf(url), methods: [method].flat() });
  });
  return {
    allowed: (url) => {
      const path = segmentsOf(url.split('?', 1)[0] ?? '');
      const found = routes.filter(({ segments }) => matches(segments, path)).flatMap(({ methods }) => methods);
      return [...new Set(found)].toSorted();
    },
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
