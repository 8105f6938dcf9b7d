// Refuses players' requests beyond what this process can have in flight, so that a slow upstream does not pile them up in memory.
import {
  type CallHandler,
  type ExecutionContext,
  Global,
  Injectable,
  Module,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { finalize, type Observable } from 'rxjs';
import { DomainError } from '@app/platform/problems';
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
