// A rental, for the examples of the API's document.

/** The order that made it. */
export const EXAMPLE_ORDER = {
  userId: 'frank',
  contentId: 'sintel',
  type: 'rental',
  version: 1,
  purchasedAt: '2026-11-21T10:00:00Z',
  periodEndsAt: '2036-12-21T10:00:00Z',
  playDurationSeconds: 172_800,
};

/** The purchase. */
export const EXAMPLE_PURCHASE = {
  id: 'd7698273-e498-41bd-a892-731a389b85fe',
  externalId: 'order-1001',
  ...EXAMPLE_ORDER,
  purchasedAt: '2026-11-21T10:00:00.000Z',
  periodEndsAt: '2036-12-21T10:00:00.000Z',
  firstPlayAt: null,
  firstPlayResetId: null,
  revokedAt: null,
  revocationReason: null,
  revocationVersion: 0,
};
