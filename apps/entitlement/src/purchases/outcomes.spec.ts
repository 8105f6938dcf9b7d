import { describe, expect, it } from 'vitest';
import type { PurchaseOrder, RevocationEvent } from './purchase.js';
import { orderOutcome, unappliedRevocation } from './outcomes.js';
import type { PurchaseAnswer, RevocationState } from './purchases.dto.js';

const conflict = (...fields: string[]) => ({
  outcome: 'error',
  conflict: true,
  errors: fields.map((field) => ({ field, message: expect.any(String) as string })),
});
const at = (day: number) => new Date(Date.UTC(2026, 10, day));

describe('an order that was not written', () => {
  const order: PurchaseOrder = {
    externalId: 'order',
    userId: 'kim',
    contentId: 'sintel',
    type: 'rental',
    purchasedAt: at(1),
    periodEndsAt: at(30),
    playDurationSeconds: 3600,
    version: 5,
  };
  const current: PurchaseAnswer = {
    ...order,
    id: 'ours',
    firstPlayAt: at(2),
    firstPlayResetId: null,
    revokedAt: null,
    revocationReason: null,
    revocationVersion: 0,
  };

  it.each<[string, Partial<PurchaseOrder>, object]>([
    ['is stale when it is older', { version: 4, userId: 'other' }, { outcome: 'stale' }],
    ['changes nothing when it says the same', {}, { outcome: 'unchanged' }],
    ['contradicts with another user', { userId: 'other' }, conflict('version')],
    ['contradicts with another moment', { purchasedAt: at(3) }, conflict('version')],
    ['contradicts with another period', { periodEndsAt: at(29) }, conflict('version')],
    ['contradicts with another duration', { playDurationSeconds: 1 }, conflict('version')],
    ['meets a first play', { version: 6, userId: 'other' }, conflict('userId')],
    [
      'meets a first play in several fields',
      { version: 6, contentId: 'other', type: 'buy-to-own', periodEndsAt: null, playDurationSeconds: null },
      conflict('contentId', 'type'),
    ],
  ])('%s', (_name, change, expected) => {
    expect(orderOutcome({ ...order, ...change } as PurchaseOrder, current)).toMatchObject(expected);
  });
});

describe('a revocation that was not written', () => {
  const refund: RevocationState = { revokedAt: at(5), revocationReason: 'refund', revocationVersion: 3 };
  const undone: RevocationState = { revokedAt: null, revocationReason: null, revocationVersion: 3 };

  it.each<[string, RevocationState, Omit<RevocationEvent, 'externalId'>, string]>([
    ['is stale when it is older', refund, { version: 2, reason: 'fraud' }, 'stale'],
    ['is the same without a moment', refund, { version: 3, reason: 'refund' }, 'unchanged'],
    ['is the same with its moment', refund, { version: 3, reason: 'refund', revokedAt: at(5) }, 'unchanged'],
    ['contradicts with another moment', refund, { version: 3, reason: 'refund', revokedAt: at(6) }, 'error'],
    ['contradicts with another reason', refund, { version: 3, reason: 'fraud' }, 'error'],
    ['contradicts by undoing', refund, { version: 3, reason: null }, 'error'],
    ['is the same undoing', undone, { version: 3, reason: null }, 'unchanged'],
    ['contradicts an undoing', undone, { version: 3, reason: 'refund' }, 'error'],
  ])('%s', (_name, state, event, outcome) => {
    expect(unappliedRevocation({ externalId: 'order', ...event }, state).outcome).toBe(outcome);
  });
});
