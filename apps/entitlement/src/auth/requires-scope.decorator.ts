// Says who may call a route.
import { SetMetadata } from '@nestjs/common';

/** Metadata key under which a route's scope is kept. */
export const REQUIRED_SCOPE = Symbol('required scope');

/** Metadata key of routes that are open to all. */
export const PUBLIC_ROUTE = Symbol('public route');

/** A route, or all routes of a controller, for bearers of a token with this scope. */
export function RequiresScope(scope: string): ClassDecorator & MethodDecorator {
  return SetMetadata(REQUIRED_SCOPE, scope);
}

/** A route, or all routes of a controller, that needs no bearer token. A route that says neither is closed to everybody. */
export function Public(): ClassDecorator & MethodDecorator {
  return SetMetadata(PUBLIC_ROUTE, true);
}
