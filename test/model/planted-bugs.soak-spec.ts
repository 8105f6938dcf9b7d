// The histories find what they are for: each of these bugs, put into the rules on purpose.
import { rm } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followHistory } from './follow-history.js';
import { histories } from './history.js';
import { mutantsFolder, mutatedRules, type Mutation } from './mutants.js';
import { World } from './world.js';

const RENTAL = 'entitlements/rental.rules.ts';
const ENTITLEMENT = 'entitlements/entitlement.rules.ts';
const RIGHTS = 'license-tokens/rights.ts';
const BUGS: [string, Mutation][] = [
  [
    'a rental that is live at its very end (<= for <)',
    { file: RENTAL, from: 'return at < rentalEnd(rental, rule)', to: 'return at <= rentalEnd(rental, rule)' },
  ],
  [
    'a licence of no duration (a rental lives on for its last second)',
    { file: RENTAL, from: 'SHORTEST_SECONDS = 2', to: 'SHORTEST_SECONDS = 1' },
  ],
  ['a licence of all that is left, redeemed late', { file: RIGHTS, from: 'left - life;', to: 'left;' }],
  ['a token as long as an owner’s for a rental', { file: RIGHTS, from: 'LONGEST_WAIT_SECONDS, Math', to: 'Math' }],
  [
    'a token that ends within a second',
    { file: RIGHTS, from: 'Math.floor(at.getTime() / 1000)', to: 'at.getTime() / 1000' },
  ],
  ['seconds rounded up', { file: RENTAL, from: 'Math.floor(', to: 'Math.ceil(' }],
  [
    'a fresh window at every play',
    {
      file: RENTAL,
      from: 'endAfterFirstPlay(rental, rental.firstPlayAt ?? at, rule)',
      to: 'endAfterFirstPlay(rental, at, rule)',
    },
  ],
  ['one end rule for both', { file: RENTAL, from: `rule === 'either' && `, to: '' }],
  [
    'the wrong limit blamed when both are one moment',
    { file: RENTAL, from: 'windowEndsAt <= rental.periodEndsAt', to: 'windowEndsAt < rental.periodEndsAt' },
  ],
  [
    'more than was sold, by a clock that is behind',
    {
      file: RENTAL,
      from: 'Math.min(rental.playDurationSeconds, Math.floor(untilEndMs / 1000))',
      to: 'Math.floor(untilEndMs / 1000)',
    },
  ],
  [
    'an unstarted rental before a started one',
    { file: ENTITLEMENT, from: 'rental.firstPlayAt !== null', to: 'rental.firstPlayAt === null' },
  ],
  [
    'of started rentals the one that ends first',
    { file: ENTITLEMENT, from: 'endOf(next, rule) > endOf(best, rule)', to: 'endOf(next, rule) < endOf(best, rule)' },
  ],
  [
    'of unstarted rentals the one whose period ends last',
    {
      file: ENTITLEMENT,
      from: 'next.periodEndsAt < best.periodEndsAt',
      to: 'next.periodEndsAt > best.periodEndsAt',
    },
  ],
  [
    'a rental before what is owned',
    {
      file: ENTITLEMENT,
      from: 'if (owned !== undefined) return',
      to: `if (live.every(({ type }) => type === 'buy-to-own')) return`,
    },
  ],
  ['a licence to keep for whoever rents', { file: RIGHTS, from: '(isKept && startsInTime)', to: 'isKept' }],
  ['a licence to keep that no policy allows', { file: RIGHTS, from: ' && policy.offlineAllowed', to: '' }],
  ['refunds that are ignored', { file: ENTITLEMENT, from: 'if (purchase.revokedAt !== null) return false;', to: '' }],
  [
    'an ended rental blamed where only the title stands in the way',
    { file: ENTITLEMENT, from: 'live.length > 0 ? [] : ', to: '' },
  ],
  [
    'reasons in another order',
    {
      file: ENTITLEMENT,
      from: `'rental-period-ended',\n  'purchase-revoked',`,
      to: `'purchase-revoked',\n  'rental-period-ended',`,
    },
  ],
  [
    'a title that comes a moment late',
    { file: ENTITLEMENT, from: 'at < content.availableFrom', to: 'at <= content.availableFrom' },
  ],
  [
    'a title that is withdrawn a moment late',
    { file: ENTITLEMENT, from: 'at >= content.withdrawnAt', to: 'at > content.withdrawnAt' },
  ],
];

/** That a bug is found is enough: making its history small could take minutes. */
const FIRST_FOUND = { numRuns: 10_000, endOnFailure: true };

/** A first play that is overwritten by every token. */
class OverwritingWorld extends World {
  protected override recordGranted({ purchase, decidedAt }: Parameters<World['recordGranted']>[0]): void {
    if (purchase.type === 'rental') purchase.firstPlayAt = decidedAt;
  }
}

/** A first play that is written though the store or customer support changed the rental since it was decided on. */
class HeedlessWorld extends World {
  protected override recordGranted({ purchase, decidedAt }: Parameters<World['recordGranted']>[0]): void {
    if (purchase.type === 'rental') purchase.firstPlayAt ??= decidedAt;
  }
}

/** A first play that is written before ExpressPlay has issued a token. */
class HastyWorld extends World {
  protected override ask(request: Parameters<World['ask']>[0]): ReturnType<World['ask']> {
    const answer = super.ask(request);
    const purchase = answer.entitled ? this.purchases[answer.order] : undefined;
    if (purchase?.type === 'rental') purchase.firstPlayAt ??= new Date(this.now);
    return answer;
  }
}

describe('a deliberate bug is found', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mutantsFolder();
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(BUGS)('%s', async (_name, mutation) => {
    const rules = await mutatedRules(mutation, folder);
    const found = fc.check(
      fc.property(histories, (history) => followHistory(history, rules)),
      FIRST_FOUND,
    );
    expect(found).toMatchObject({ failed: true, errorInstance: { name: 'DivergenceError' } });
  });

  it.each([
    ['a first play that every token overwrites', OverwritingWorld],
    ['a clock that starts before a token is issued', HastyWorld],
    ['a clock that starts whatever happened since the decision', HeedlessWorld],
  ])('%s', (_name, world) => {
    const found = fc.check(
      fc.property(histories, (history) => followHistory(history, undefined, world)),
      FIRST_FOUND,
    );
    expect(found).toMatchObject({ failed: true, errorInstance: { name: 'DivergenceError' } });
  });
});
