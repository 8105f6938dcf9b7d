// What becomes of the store's events, in the words of the admin API, and what can stand in their way.
import { DomainError, type FieldError } from '@app/platform/problems';
import type { PurchaseOrder } from './purchase.js';
import type { OrderResult } from './purchase.repository.js';
import { unappliedOrder } from './versions.rules.js';

/** An order that was taken, whether it changed something (`created`, `updated`) or not. */
export type TakenOutcome = 'created' | 'updated' | 'unchanged' | 'stale';

/** What became of it; `conflict` tells a contradiction to what is there from an order that is wrong in itself. */
export type OrderOutcome = { outcome: TakenOutcome } | { outcome: 'error'; conflict: boolean; errors: FieldError[] };

export function orderOutcome(order: PurchaseOrder, result: OrderResult): OrderOutcome {
  if (result === 'created' || result === 'updated') return { outcome: result };
  if (result === 'unknown-content') {
    const errors = [{ field: 'contentId', message: `content ${order.contentId} does not exist` }];
    return { outcome: 'error', conflict: false, errors };
  }
  const unapplied = unappliedOrder(order, result);
  if (unapplied.outcome !== 'conflict') return { outcome: unapplied.outcome };
  const { fields, message } = unapplied;
  return { outcome: 'error', conflict: true, errors: fields.map((field) => ({ field, message })) };
}

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
