// What became of an event of the store, in the words of the admin API.
import type { PurchaseRecord } from './purchase-order.js';
import type { EventAnswer } from './purchases.service.js';

/** The outcome, and the purchase as it is now, null while there is none; moments are RFC 3339 in `Z`. */
export interface PurchaseEventAnswer {
  externalId: string;
  outcome: EventAnswer['outcome'];
  purchase: PurchaseRecord | null;
}

export function eventAnswer(externalId: string, { outcome, purchase }: EventAnswer): PurchaseEventAnswer {
  return { externalId, outcome, purchase: purchase ?? null };
}
