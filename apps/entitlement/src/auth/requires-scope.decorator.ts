// Says who may call a route.
import { SetMetadata } from '@nestjs/common';

/** Metadata key under which a route's scope is kept. */
export const REQUIRED_SCOPE = Symbol('required scope');

/** A route, or all routes of a controller, for bearers of a token with this scope. Without it a route is open to all. */
export function RequiresScope(scope: string): ClassDecorator & MethodDecorator {
  return SetMetadata(REQUIRED_SCOPE, scope);
}
