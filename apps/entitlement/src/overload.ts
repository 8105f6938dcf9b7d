// Refuses requests beyond what a caller may send in a minute, and players' beyond what this process can have in flight, so that a
// slow upstream does not pile them up in memory.
import {
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  Global,
  Injectable,
  Module,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { finalize, type Observable } from 'rxjs';
import type { Clock } from '@app/platform/clock';
import { RateLimitedError, RateLimiter } from '@app/platform/http';
import { DomainError } from '@app/platform/problems';
import type { AuthenticatedRequest } from './auth/user.js';
import { Environment } from './environment.js';

/** More requests are in flight than this process takes. */
export class OverloadedError extends DomainError {
  constructor() {
    super('overloaded', 'The service is busy.', { retryAfterSeconds: 1 });
  }
}

/** How many requests this process is working on. */
@Injectable()
export class InFlight {
  #count = 0;

  constructor(private readonly environment: Environment) {}

  /** How many there are at the moment. */
  get count(): number {
    return this.#count;
  }

  /** How many there may be. */
  get limit(): number {
    return this.environment.MAX_REQUESTS_IN_FLIGHT;
  }

  /**
   * Takes a place among the requests in flight.
   * @returns gives the place back
   * @throws OverloadedError when there is none left
   */
  enter(): () => void {
    if (this.#count >= this.limit) throw new OverloadedError();
    this.#count += 1;
    return () => {
      this.#count -= 1;
    };
  }
}

/** Counts the requests to players' routes while they are worked on. */
export class InFlightInterceptor implements NestInterceptor {
  constructor(private readonly inFlight: InFlight) {}

  /** @throws OverloadedError */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
    if (routeOptions.config.listener !== 'public') return next.handle();
    return next.handle().pipe(finalize(this.inFlight.enter()));
  }
}

/** One count for all players' routes together. */
@Global()
@Module({ providers: [InFlight], exports: [InFlight] })
export class OverloadModule {}

/** A limit for each caller, after the guard that finds out who is calling. Players and machines have a limit each. */
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
