// Lets a request through when its bearer token has the scope that the route requires.
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Environment } from '../environment.js';
import { AccessTokenVerifier } from './access-token.verifier.js';
import { InsufficientScopeError, UnauthenticatedError } from './auth.errors.js';
import { Stages } from '../observability/stages.js';
import type { AuthenticatedRequest, User } from './user.js';

/** RFC 6750, 2.1; the scheme's case does not matter (RFC 9110, 11.1). */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** The global guard. Only the Authorization header is read: a token in a URL or a body would end up in logs. */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    private readonly verifier: AccessTokenVerifier,
    private readonly environment: Environment,
    private readonly stages: Stages,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const { scope } = request.routeOptions.config;
    if (scope === null) return true;
    // A route that does not say who may call it is a mistake, and nobody may.
    if (scope === undefined) throw new Error('The route says neither which scope it requires nor that it is public.');
    const user = await this.#user(request);
    request.facts['userId'] = user.id;
    const named = `${this.environment.AUTH_SCOPE_PREFIX ?? ''}${scope}`;
    if (!user.scopes.has(named)) throw new InsufficientScopeError(named);
    request.user = user;
    return true;
  }

  async #user({ headers, facts }: AuthenticatedRequest): Promise<User> {
    try {
      return await this.stages.run('bearer', async () => this.verifier.verify(bearerToken(headers.authorization)));
    } catch (error) {
      if (error instanceof UnauthenticatedError) facts['reason'] = error.fault;
      throw error;
    }
  }
}

function bearerToken(header: string | undefined): string {
  if (header === undefined || !/^Bearer\b/i.test(header)) throw new UnauthenticatedError('missing');
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw new UnauthenticatedError('malformed');
  return token;
}
