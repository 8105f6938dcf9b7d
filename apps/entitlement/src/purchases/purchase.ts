// A user's right to one title, as the store sold it.

/** What both kinds of purchase have. */
interface PurchaseBase {
  id: string;
  /** When it was taken back (a refund, say); null while it stands. */
  revokedAt: Date | null;
}

/** Bought for good. */
export interface BuyToOwn extends PurchaseBase {
  type: 'buy-to-own';
}

/** Rented, on the store's terms. */
export interface Rental extends PurchaseBase {
  type: 'rental';
  /** Last moment of the rental, or, under rule `start-by`, to start it. */
  periodEndsAt: Date;
  /** How long after the first play it may be played, in seconds. */
  playDurationSeconds: number;
  /** When its first token was issued; null while it is not started. */
  firstPlayAt: Date | null;
  /** The store's version of the order. */
  version: bigint;
  /** The last time customer support took the first play back; null while it never has. */
  firstPlayResetId: string | null;
}

/** One purchase. */
export type Purchase = BuyToOwn | Rental;
