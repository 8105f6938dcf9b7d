// Refuses requests beyond what this process can have in flight, so that a slow upstream does not pile them up in memory.
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { finalize, type Observable } from 'rxjs';
import { InFlight } from './in-flight.js';

@Injectable()
export class InFlightInterceptor implements NestInterceptor {
  // Nest makes an interceptor for each module that uses it; the count is one.
  constructor(private readonly inFlight: InFlight) {}

  /** @throws OverloadedError */
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(finalize(this.inFlight.enter()));
  }
}
