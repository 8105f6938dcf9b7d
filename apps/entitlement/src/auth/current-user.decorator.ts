// Hands the caller to a handler.
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { User } from './user.js';

/** A request as the guard leaves it. */
export type AuthenticatedRequest = FastifyRequest & { user?: User };

/** The verified caller (`User`) of a route that has `@RequiresScope`. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): User => {
  const { user } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (user === undefined) throw new Error('@CurrentUser() stands on a route without @RequiresScope()');
  return user;
});
