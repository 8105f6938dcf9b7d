// A client has made more requests than it may.
import { DomainError } from '@app/platform/problems';

/**
 * `rate-limited`, the same for every limit: a client is not told which one it met. What it still sends is not waited for.
 */
export class RateLimitedError extends DomainError {
  constructor(retryAfterSeconds: number) {
    super('rate-limited', 'Too many requests; try again later.', {
      retryAfterSeconds,
      headers: { Connection: 'close' },
    });
  }
}
