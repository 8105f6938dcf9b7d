// A limit for each authenticated caller.
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Clock } from '@app/platform/clock';
import { RateLimitedError, RateLimiter } from '@app/platform/http';
import type { AuthenticatedRequest } from './auth/user.js';
import type { Environment } from './environment.js';

/** Comes after the guard that finds out who is calling. Players and machines have a limit each. */
export class UserRateGuard implements CanActivate {
  readonly #players: RateLimiter;
  readonly #machines: RateLimiter;

  constructor(environment: Environment, clock: Clock) {
    const now = () => clock.now().getTime();
    this.#players = new RateLimiter(environment.RATE_LIMIT_PER_USER_PER_MINUTE, now);
    this.#machines = new RateLimiter(environment.RATE_LIMIT_MANAGEMENT_PER_MINUTE, now);
  }

  /** @throws RateLimitedError */
  canActivate(context: ExecutionContext): boolean {
    const { user, routeOptions } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (user === undefined) return true;
    const limiter = routeOptions.config.listener === 'management' ? this.#machines : this.#players;
    const wait = limiter.take(user.id);
    if (wait > 0) throw new RateLimitedError(wait);
    return true;
  }
}
