// A user's right to one title: as a decision looks at it and as the store sends it.

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

export type Purchase = BuyToOwn | Rental;

/** Sold for good, or rented out until `periodEndsAt`, and for `playDurationSeconds` after the first play. */
export type OrderTerms =
  | { type: 'buy-to-own'; periodEndsAt: null; playDurationSeconds: null }
  | { type: 'rental'; periodEndsAt: Date; playDurationSeconds: number };

/** What a PUT and a line of a batch carry. */
export type PurchaseOrder = OrderTerms & {
  /** The store's own id. */
  externalId: string;
  userId: string;
  contentId: string;
  purchasedAt: Date;
  /** The store's version of the order, from 1: an older one never replaces a newer one. */
  version: number;
};

/** Why a purchase can be taken back. */
export const REVOCATION_REASONS = ['refund', 'chargeback', 'fraud', 'store-error'] as const;

export type RevocationReason = (typeof REVOCATION_REASONS)[number];

/** The store takes a purchase back, or gives it back. The two share one sequence of versions. */
export interface RevocationEvent {
  externalId: string;
  /** From 1. */
  version: number;
  /** Null when the purchase is given back. */
  reason: RevocationReason | null;
  /** Undefined when the store does not say: then it is the moment the event arrives. */
  revokedAt?: Date;
}
