import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DENIAL_REASONS } from '../../apps/entitlement/src/entitlements/entitlement.rules.js';
import { timesOf } from '../support/soak.js';
import { followHistory } from './follow-history.js';
import { histories } from './history.js';
import { runs } from './replay.js';

const HISTORIES = timesOf(2000, 10_000);

describe('random histories of purchases, refunds, plays and time', () => {
  it(`${HISTORIES} of them are decided as the reference model says, and break no invariant`, () => {
    const met = new Set<string>();
    const settings = runs(HISTORIES);
    fc.assert(
      fc.property(histories, (history) => {
        followHistory(history, undefined, undefined, (answer) => {
          met.add(answer.entitled ? (answer.seconds === null ? 'owned' : 'rented') : answer.reason);
        });
      }),
      settings,
    );
    // The property says something of an answer only as long as it is met.
    const kinds = settings.path === undefined ? ['owned', 'rented', ...DENIAL_REASONS] : [];
    expect([...met]).toEqual(expect.arrayContaining(kinds));
  });
});
