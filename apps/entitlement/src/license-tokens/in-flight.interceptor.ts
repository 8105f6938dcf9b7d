// Refuses requests beyond what this process can have in flight, so that a slow upstream does not pile them up in memory.
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { finalize, type Observable } from 'rxjs';
import { Environment } from '../environment.js';
import { OverloadedError } from './license-tokens.errors.js';

@Injectable()
export class InFlightInterceptor implements NestInterceptor {
  #inFlight = 0;

  constructor(private readonly environment: Environment) {}

  /** @throws OverloadedError */
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (this.#inFlight >= this.environment.MAX_REQUESTS_IN_FLIGHT) throw new OverloadedError();
    this.#inFlight += 1;
    return next.handle().pipe(
      finalize(() => {
        this.#inFlight -= 1;
      }),
    );
  }
}
