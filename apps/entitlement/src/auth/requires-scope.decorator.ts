// Says who may call a route, and where. A route that says nothing is closed to everybody, and for management alone.
import { type Listener, routeConfig } from '@app/platform/http';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a bearer token must allow; null for a route that is open to all. */
    scope?: string | null;
  }
}

/** The scope of players. */
const PLAYBACK = 'playback';

/** A route, or all routes of a controller, for bearers of a token with this scope: players' is public, all others are for management. */
export function RequiresScope(scope: string): ClassDecorator & MethodDecorator {
  return routeConfig({ scope, listener: scope === PLAYBACK ? 'public' : 'management' });
}

/** A route, or all routes of a controller, that needs no bearer token. */
export function Public(listener: Listener = 'management'): ClassDecorator & MethodDecorator {
  return routeConfig({ scope: null, listener });
}
