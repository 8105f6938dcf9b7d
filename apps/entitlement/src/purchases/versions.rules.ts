// What an event of the store means beside what is there already: pure, so that every order of events is a row in a table.
import type { PurchaseOrder, PurchaseRecord, RevocationEvent, RevocationState } from './purchase.js';

/** An event that changed nothing. `conflict` names the fields in the way. */
export type Unapplied = { outcome: 'unchanged' | 'stale' } | { outcome: 'conflict'; fields: string[]; message: string };

/** Said of a version that came before with something else in it. */
export const VERSION_USED = 'has been used with other content; send a higher version';
const PLAYED = 'can no longer be changed: the rental has been played';

/** What to say of an order that was not written, because of the purchase that is there. */
export function unappliedOrder(order: PurchaseOrder, current: PurchaseRecord): Unapplied {
  if (order.version < current.version) return { outcome: 'stale' };
  if (order.version > current.version) {
    const fields = FINAL_ONCE_PLAYED.filter((field) => order[field] !== current[field]);
    return { outcome: 'conflict', fields, message: PLAYED };
  }
  return isSameOrder(order, current)
    ? { outcome: 'unchanged' }
    : { outcome: 'conflict', fields: ['version'], message: VERSION_USED };
}

/** What to say of a revocation, or its undoing, that was not written, because of the one that is there. */
export function unappliedRevocation(event: RevocationEvent, current: RevocationState): Unapplied {
  if (event.version < current.revocationVersion) return { outcome: 'stale' };
  const same =
    event.reason === current.revocationReason &&
    (event.revokedAt === undefined || event.revokedAt.getTime() === current.revokedAt?.getTime());
  return same ? { outcome: 'unchanged' } : { outcome: 'conflict', fields: ['version'], message: VERSION_USED };
}

/** Whose rental of what a clock was started for does not change under that clock. */
const FINAL_ONCE_PLAYED = ['userId', 'contentId', 'type'] as const;

function isSameOrder(order: PurchaseOrder, current: PurchaseRecord): boolean {
  return (
    FINAL_ONCE_PLAYED.every((field) => order[field] === current[field]) &&
    order.purchasedAt.getTime() === current.purchasedAt.getTime() &&
    order.periodEndsAt?.getTime() === current.periodEndsAt?.getTime() &&
    order.playDurationSeconds === current.playDurationSeconds
  );
}
