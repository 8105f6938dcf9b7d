// What becomes of the store's events beside what is there already, in the words of the admin API: pure, so that every order of
// events is a row in a table.
import type { FieldError } from '@app/platform/problems';
import type { PurchaseOrder, RevocationEvent } from './purchase.js';
import type { OrderResult } from './purchase.repository.js';
import type { PurchaseAnswer, RevocationState } from './purchases.dto.js';

/** An event that was taken, whether it changed something (`created`, `updated`) or not. */
export type TakenOutcome = 'created' | 'updated' | 'unchanged' | 'stale';

/** What became of it; `conflict` tells a contradiction to what is there from an event that is wrong in itself. */
export type EventOutcome = { outcome: TakenOutcome } | { outcome: 'error'; conflict: boolean; errors: FieldError[] };

/** Said of a version that came before with something else in it. */
export const VERSION_USED = 'has been used with other content; send a higher version';
const PLAYED = 'can no longer be changed: the rental has been played';

/** Whose rental of what a clock was started for does not change under that clock. */
const FINAL_ONCE_PLAYED = ['userId', 'contentId', 'type'] as const;

/** What to say of an order that was written, or was not, because of the purchase that is there. */
export function orderOutcome(order: PurchaseOrder, result: OrderResult): EventOutcome {
  if (result === 'created' || result === 'updated') return { outcome: result };
  if (result === 'unknown-content') {
    const errors = [{ field: 'contentId', message: `content ${order.contentId} does not exist` }];
    return { outcome: 'error', conflict: false, errors };
  }
  if (order.version < result.version) return { outcome: 'stale' };
  if (order.version > result.version) {
    return conflict(
      PLAYED,
      FINAL_ONCE_PLAYED.filter((field) => order[field] !== result[field]),
    );
  }
  return isSameOrder(order, result) ? { outcome: 'unchanged' } : conflict(VERSION_USED);
}

/** What to say of a revocation, or its undoing, that was not written, because of the one that is there. */
export function unappliedRevocation(event: RevocationEvent, current: RevocationState): EventOutcome {
  if (event.version < current.revocationVersion) return { outcome: 'stale' };
  const same =
    event.reason === current.revocationReason &&
    (event.revokedAt === undefined || event.revokedAt.getTime() === current.revokedAt?.getTime());
  return same ? { outcome: 'unchanged' } : conflict(VERSION_USED);
}

function conflict(message: string, fields: readonly string[] = ['version']): EventOutcome {
  return { outcome: 'error', conflict: true, errors: fields.map((field) => ({ field, message })) };
}

function isSameOrder(order: PurchaseOrder, current: PurchaseAnswer): boolean {
  return (
    FINAL_ONCE_PLAYED.every((field) => order[field] === current[field]) &&
    order.purchasedAt.getTime() === current.purchasedAt.getTime() &&
    order.periodEndsAt?.getTime() === current.periodEndsAt?.getTime() &&
    order.playDurationSeconds === current.playDurationSeconds
  );
}
