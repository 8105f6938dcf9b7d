import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { BuyToOwn, Purchase, Rental } from '../purchases/purchase.js';
import { explainEntitlement, RULES } from './entitlement-explanation.rules.js';

const NOW = new Date('2026-11-21T10:00:00Z');
const t = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const AVAILABLE = { availableFrom: null, withdrawnAt: null };
const owned = (id: string, revoked = false): BuyToOwn => ({
  type: 'buy-to-own',
  id,
  revokedAt: revoked ? t(-5) : null,
});
const rented = (id: string, periodEnds: number, firstPlay?: number): Rental => ({
  type: 'rental',
  id,
  revokedAt: null,
  periodEndsAt: t(periodEnds),
  playDurationSeconds: 1000,
  firstPlayAt: firstPlay === undefined ? null : t(firstPlay),
  version: 1n,
  firstPlayResetId: null,
});

describe('the rules', () => {
  it('have the numbers and names of docs/architecture.md', () => {
    const text = readFileSync('docs/architecture.md', 'utf8');
    const chapter = text.slice(text.indexOf('## The rules'), text.indexOf('## The clock of a rental'));
    for (const [number, name] of Object.entries(RULES)) {
      expect(chapter).toMatch(new RegExp(`^${number}\\. \\*\\*${name}[*.]`, 'm'));
    }
  });
});

describe('explainEntitlement', () => {
  it.each<[string, Purchase[], number, string, Record<string, [string, number]>]>([
    [
      'owned beside rentals',
      [owned('a'), rented('b', 500), rented('c', 500, -10)],
      1,
      'an active purchase to own is there',
      { a: ['used', 1], b: ['would-do', 1], c: ['would-do', 1] },
    ],
    [
      'owned twice',
      [owned('a'), owned('b')],
      1,
      'an active purchase to own is there',
      { a: ['used', 1], b: ['would-do', 1] },
    ],
    ['one rental', [rented('a', 500)], 3, 'the end of the rental is still to come', { a: ['used', 3] }],
    [
      'one rental beside an ended and a revoked one',
      [rented('a', -1), rented('b', 500), { ...rented('c', 500), revokedAt: t(-1) }],
      3,
      'the end of the rental is still to come',
      { a: ['ended', 3], b: ['used', 3], c: ['ended', 5] },
    ],
    [
      'a started one and others',
      [rented('a', 100), rented('b', 5000, -10)],
      2,
      'the clock of this rental runs already, so no second one is started',
      { a: ['would-do', 2], b: ['used', 2] },
    ],
    [
      'two that run',
      [rented('a', 5000, -100), rented('b', 5000, -10), rented('c', 50)],
      2,
      'of the rentals that run it ends last',
      { a: ['would-do', 2], b: ['used', 2], c: ['would-do', 2] },
    ],
    [
      'two that have not been started',
      [rented('a', 5000), rented('b', 50)],
      2,
      'of the rentals that have not been started its period ends first',
      { a: ['would-do', 2], b: ['used', 2] },
    ],
    [
      'a window that has ended',
      [rented('a', 5000, -1000)],
      5,
      'the rental was started and its time to finish is over',
      { a: ['ended', 3] },
    ],
    ['a refund', [owned('a', true)], 5, 'the purchase was refunded or withdrawn by the store', { a: ['ended', 5] }],
    ['nothing', [], 5, 'the user never bought or rented it', {}],
  ])('%s', (_name, purchases, number, because, outcomes) => {
    const { rule, purchases: examined } = explainEntitlement(AVAILABLE, purchases, NOW, 'either');
    expect(rule).toEqual({ number, name: RULES[number as keyof typeof RULES], because });
    expect(Object.fromEntries(examined.map((one) => [one.purchase.id, [one.outcome, one.rule.number]]))).toEqual(
      outcomes,
    );
  });

  it('blames the title alone where a purchase would do', () => {
    const withdrawn = { availableFrom: null, withdrawnAt: t(-1) };
    const { decision, rule, unavailable, purchases } = explainEntitlement(withdrawn, [rented('a', 50)], NOW, 'either');
    expect(decision).toEqual({ entitled: false, reason: 'content-withdrawn' });
    expect([rule.number, unavailable]).toEqual([5, 'content-withdrawn']);
    expect(purchases[0]).toMatchObject({ outcome: 'would-do', rule: { number: 5 }, reason: null });
  });

  it.each([
    ['either', t(100), 100],
    ['start-by', t(990), 990],
  ] as const)('tells where the clock of a started rental stands, by %s', (endRule, endsAt, secondsLeft) => {
    const [one] = explainEntitlement(AVAILABLE, [rented('a', 100, -10)], NOW, endRule).purchases;
    expect(one?.clock).toEqual({
      endRule,
      firstPlayAt: t(-10),
      periodEndsAt: t(100),
      playDurationSeconds: 1000,
      endsAt,
      endsAtWhenPlayed: endsAt,
      secondsLeft,
    });
  });

  it.each([undefined, -10])('leaves nothing to play of a revoked rental, started %s', (firstPlay) => {
    const revoked = { ...rented('a', 5000, firstPlay), revokedAt: t(-5) };
    const [one] = explainEntitlement(AVAILABLE, [revoked], NOW, 'either').purchases;
    expect(one).toMatchObject({ outcome: 'ended', reason: 'purchase-revoked', clock: { secondsLeft: 0 } });
  });

  it('tells what an unstarted rental would have, and nothing of an ended one', () => {
    const [unstarted, ended] = explainEntitlement(
      AVAILABLE,
      [rented('a', 5000), rented('b', -1)],
      NOW,
      'either',
    ).purchases;
    expect(unstarted?.clock).toMatchObject({ endsAt: t(5000), endsAtWhenPlayed: t(1000), secondsLeft: 1000 });
    expect(ended?.clock).toMatchObject({ endsAt: t(-1), secondsLeft: 0 });
  });
});
