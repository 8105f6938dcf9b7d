// A purchase as queries bring it: the columns that a decision looks at, and the purchase they make.
import type { Purchase } from '../purchases/purchase.js';

/** The columns, by the names that queries give them. */
export interface PurchaseColumns {
  purchaseId: string;
  revokedAt: Date | null;
  periodEndsAt: Date | null;
  playDurationSeconds: number | null;
  firstPlayAt: Date | null;
  version: bigint;
  firstPlayResetId: string | null;
}

/** The purchase of a row. The database holds rental terms for rentals, and for them alone. */
export function purchaseOf(row: PurchaseColumns): Purchase {
  const { purchaseId: id, revokedAt, periodEndsAt, playDurationSeconds, firstPlayAt, version, firstPlayResetId } = row;
  if (periodEndsAt === null || playDurationSeconds === null) return { type: 'buy-to-own', id, revokedAt };
  return { type: 'rental', id, revokedAt, periodEndsAt, playDurationSeconds, firstPlayAt, version, firstPlayResetId };
}
