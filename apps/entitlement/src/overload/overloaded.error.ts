// The process has as much work as it takes.
import { DomainError } from '@app/platform/problems';

/** More requests are in flight than this process takes. */
export class OverloadedError extends DomainError {
  constructor() {
    super('overloaded', 'The service is busy.', { retryAfterSeconds: 1 });
  }
}
