import { describe, expect, it } from 'vitest';
import { Book, type Call, type OrderContent, type TokenCall } from './book.js';
import type { Evidence, LedgerRow, PurchaseRow } from './evidence.js';
import { reckon } from './reckoning.js';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');
const RENTAL: OrderContent = {
  userId: 'ann',
  contentId: 'sintel',
  type: 'rental',
  purchasedAt: '2026-01-01T00:00:00.000Z',
  periodEndsAt: '2099-12-31T23:59:59.000Z',
  playDurationSeconds: 172_800,
};

/** A call of so many milliseconds after noon. */
function call(kind: Call['kind'], sentAt: number, answeredAt: number, status: number | null, said = ''): Call {
  const wall = { sentOn: NOON + sentAt, answeredOn: NOON + answeredAt };
  return { kind, replica: 'r1', sentAt, answeredAt, ...wall, status, said };
}

function asked(sentAt: number, status: number | null, more: Partial<TokenCall> = {}): TokenCall {
  return { ...call('token', sentAt, sentAt + 10, status), user: 'ann', title: 'sintel', drm: 'widevine', ...more };
}

function granted(id: string, decidedAt: number, more: Partial<LedgerRow> = {}): LedgerRow {
  const token = {
    user_id: 'ann',
    content_id: 'sintel',
    purchase_id: 'p',
    drm: 'widevine',
    decision: 'granted',
  } as const;
  return { id, ...token, first_play: false, decided_at: new Date(NOON + decidedAt), note: null, ...more };
}

function reset(decidedAt: number, note: string): LedgerRow {
  return granted(note, decidedAt, { decision: 'first-play-reset', drm: null, note });
}

/** Ann rents a title, plays it, and has its first play taken back; then it is revoked, given back, and played again. */
function story() {
  const book = new Book();
  const order = book.order('order');
  order.versions.set(order.amend(RENTAL), { said: RENTAL, attempts: [call('put', 0, 10, 201, 'created')] });
  order.resets.set('reset', { said: null, attempts: [call('reset', 100, 110, 200, 'updated')] });
  order.revocations.set(order.revoke('refund'), { said: 'refund', attempts: [call('revocation', 200, 210, 200)] });
  order.revocations.set(order.revoke(null), { said: null, attempts: [call('reinstatement', 300, 310, 200)] });
  const early = book.order('early');
  early.revocations.set(early.revoke('fraud'), { said: 'fraud', attempts: [call('revocation', 0, 10, 202)] });
  book.tokens.push(
    asked(50, 200, { id: 'a' }),
    asked(250, 403, { said: 'purchase-revoked' }),
    asked(350, 200, { id: 'b' }),
  );
  const purchase: PurchaseRow = {
    id: 'p',
    external_id: 'order',
    user_id: 'ann',
    content_id: 'sintel',
    type: 'rental',
    purchased_at: new Date(RENTAL.purchasedAt),
    period_ends_at: new Date(RENTAL.periodEndsAt ?? ''),
    play_duration_seconds: 172_800,
    first_play_at: new Date(NOON + 355),
    revoked_at: null,
    revocation_reason: null,
    version: 1,
    revocation_version: 2,
  };
  const ledger = [granted('a', 55, { first_play: true }), reset(105, 'reset'), granted('b', 355, { first_play: true })];
  return {
    book,
    order,
    purchase,
    purchases: [purchase],
    ledger,
    early: [{ external_id: 'early', version: 1, reason: 'fraud' as string | null }],
    reservations: [] as Evidence['reservations'][number][],
    issued: new Set(['a', 'b']),
    cookies: new Map<string, string | null>([['a', 'a']]),
  };
}

type Story = ReturnType<typeof story>;

/** What could be wrong, and the rule and the words it is found by. */
const WRONG: [name: string, rule: number, what: string, spoil: (story: Story) => unknown][] = [
  ['a token without a row', 1, 'in the ledger 0 times', ({ ledger }) => ledger.pop()],
  ['a token with two rows', 1, 'in the ledger 2 times', ({ ledger }) => ledger.push(granted('a', 55))],
  ['a row of another user', 1, 'otherwise', ({ ledger }) => (ledger[0]!.user_id = 'bea')],
  ['a row that is a failure', 1, 'otherwise', ({ ledger }) => (ledger[0]!.decision = 'failed')],
  ['a token that carries another id', 1, 'carries c', ({ cookies }) => cookies.set('a', 'c')],
  ['a token of two users', 1, 'two users', ({ book }) => book.tokens.push(asked(50, 200, { id: 'a', user: 'bea' }))],
  ['a token that was not issued', 2, 'not issued', ({ issued }) => issued.delete('b')],
  ['a lost token', 3, 'more tokens lost', ({ issued }) => issued.add('c')],
  [
    'a lost token of somebody who was answered',
    3,
    'nobody waited for',
    ({ issued, reservations, book }) => {
      issued.add('c');
      book.tokens.push(asked(400, 503, { user: 'bea' }));
      const reserved = { user_id: 'ann', content_id: 'sintel', reserved_at: new Date(NOON + 405) };
      reservations.push({ issuance_id: 'c', ...reserved });
    },
  ],
  ['a purchase that is gone', 4, 'there is no purchase', ({ purchases }) => purchases.pop()],
  ['an older version', 4, 'is of version 0', ({ purchase }) => (purchase.version = 0)],
  ['a version nobody sent', 4, 'was not sent', ({ purchase }) => (purchase.version = 2)],
  ['other content', 4, 'other content', ({ purchase }) => (purchase.play_duration_seconds = 1)],
  ['a revocation that is gone', 4, 'it is at 1', ({ purchase }) => (purchase.revocation_version = 1)],
  ['an early revocation that is gone', 4, 'it is at 0', ({ early }) => early.pop()],
  ['a purchase that is revoked by halves', 4, 'half', ({ purchase }) => (purchase.revoked_at = new Date(NOON))],
  ['a reset that is not in the ledger', 4, 'not in the ledger', ({ ledger }) => ledger.splice(1, 1)],
  ['a first play that is gone', 5, 'first play null', ({ purchase }) => (purchase.first_play_at = null)],
  ['a first play that moved', 5, 'no token started', ({ purchase }) => (purchase.first_play_at = new Date(NOON))],
  [
    'a second first play',
    5,
    '3 starts',
    ({ ledger }) => ledger.push(granted('c', 360, { first_play: true, decision: 'granted' })),
  ],
  ['a clock of another user', 5, 'started by bea', ({ ledger }) => (ledger[2]!.user_id = 'bea')],
  [
    'a clock that was taken back before it began',
    5,
    'do not take turns',
    ({ order }) => {
      order.resets.set('reset', { said: null, attempts: [call('reset', 20, 30, 200, 'updated')] });
    },
  ],
  ['a token after the revocation', 6, 'taken back', ({ book }) => book.tokens.push(asked(220, 200, { id: 'b' }))],
  [
    'a refusal after the sale',
    6,
    'had been sold',
    ({ book }) => book.tokens.push(asked(60, 403, { said: 'no-purchase' })),
  ],
];

describe('the reckoning', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(reckon(story())).toEqual([]);
  });

  it('leaves to an event that is under way when it takes effect', () => {
    const { book, ...rest } = story();
    book.tokens.push(asked(205, 200, { id: 'a' }), asked(205, 403, { said: 'purchase-revoked' }));
    expect(reckon({ book, ...rest })).toEqual([]);
  });

  it.each(WRONG)('finds %s', (_name, rule, what, spoil) => {
    const spoilt = story();
    spoil(spoilt);
    expect(reckon(spoilt)).toContainEqual(
      expect.objectContaining({ rule, what: expect.stringContaining(what) as string }),
    );
  });
});
