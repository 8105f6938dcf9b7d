// What can stand between the store and its purchase, in the words of the admin API.
import { DomainError, type FieldError } from '@app/platform/problems';

/** There is no such purchase, or not yet. */
export class PurchaseNotFoundError extends DomainError {
  constructor() {
    super('purchase-not-found', 'There is no such purchase.');
  }
}

/** An event contradicts what is there. */
export class VersionConflictError extends DomainError {
  constructor(errors: readonly FieldError[]) {
    const detail = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
    super('version-conflict', `${detail}.`, { extensions: { errors } });
  }
}

/** A purchase to own has no clock that could be taken back. */
export class NotRentalError extends DomainError {
  constructor() {
    super('invalid-request', 'Only a rental has a first play.');
  }
}

/** As many imports are under way as this process takes, or it is shutting down. */
export class ImportRefusedError extends DomainError {
  constructor(code: 'overloaded' | 'service-unavailable', detail: string) {
    super(code, detail, { retryAfterSeconds: 5 });
  }
}
