// What becomes of the store's orders, in the words of the admin API.
import type { FieldError } from '@app/platform/problems';
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
  if (unapplied.outcome !== 'conflict') return unapplied;
  const { fields, message } = unapplied;
  return { outcome: 'error', conflict: true, errors: fields.map((field) => ({ field, message })) };
}
