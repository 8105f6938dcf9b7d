// Who is asking, as the bearer token says, and how a handler gets to know.
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** The caller of a request. Made from a verified token alone, never from anything else in the request. */
export class User {
  constructor(
    /** The token's subject: a user id. */
    readonly id: string,
    /** What the token allows, such as `playback`. */
    readonly scopes: ReadonlySet<string>,
  ) {}
}

/** A request as the guard leaves it. */
export type AuthenticatedRequest = FastifyRequest & { user?: User };

/** The verified caller (`User`) of a route that has `@RequiresScope`. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): User => {
  const { user } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (user === undefined) throw new Error('@CurrentUser() stands on a route without @RequiresScope()');
  return user;
});
