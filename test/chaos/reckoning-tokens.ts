// Rules 1 to 3 and 6: tokens in players' hands, in the ledger and at ExpressPlay, and whether they were due.
import { isOpen, type Order, type TokenCall } from './book.js';
import { grouped, monotonic, type Evidence, type LedgerRow, type Violation } from './evidence.js';
import { certainlyEntitles, possiblyEntitles } from './possible.js';

/** Denials that only the store's events can be the reason of. */
const STORE_REASONS = ['no-purchase', 'purchase-revoked'];

/** Every delivered token is in the ledger once, as it was asked for, and was issued; no two users have the same. */
export function deliveredTokens({ book, ledger, issued, cookies }: Evidence): Violation[] {
  const rows = grouped(ledger, ({ id }) => id);
  const delivered = book.tokens.filter(({ status }) => status === 200);
  const ofCalls = delivered.flatMap((call): Violation[] => {
    const { id = '', user, title, drm } = call;
    const found = rows.get(id) ?? [];
    const [row] = found;
    const wrong = (what: string) => ({ ...spanOf(call), rule: 1, what, facts: { call: shown(call), rows: found } });
    if (found.length !== 1) return [wrong(`a delivered token is in the ledger ${found.length} times`)];
    const isAsAsked = row?.user_id === user && row.content_id === title && row.drm === drm;
    if (row?.decision !== 'granted' || !isAsAsked) return [wrong('a delivered token is otherwise in the ledger')];
    if (!issued.has(id)) return [wrong('a delivered token was not issued')];
    if (cookies.has(id) && cookies.get(id) !== id) return [wrong(`a delivered token carries ${cookies.get(id)}`)];
    return [];
  });
  const shared = [...grouped(delivered, ({ id }) => id).values()].filter(
    (calls) => new Set(calls.map(({ user }) => user)).size > 1,
  );
  return [
    ...ofCalls,
    ...shared.map((calls) => ({
      ...spanOf(calls[0]!),
      rule: 1,
      what: 'a token was delivered to two users',
      facts: { calls: calls.map(shown) },
    })),
  ];
}

export function grantedTokens({ ledger, issued }: Evidence): Violation[] {
  const unissued = ledger.filter(({ id, decision }) => decision === 'granted' && !issued.has(id));
  return unissued.map((row) => ({ ...momentOf(row), rule: 2, what: 'a granted token was not issued', facts: row }));
}

/** Tokens that were issued, and that neither a player nor the ledger has. */
export function lostTokens({ book, ledger, issued }: Evidence): string[] {
  const known = new Set([...ledger.map(({ id }) => id), ...book.tokens.map(({ id }) => id)]);
  return [...issued].filter((id) => !known.has(id));
}

/** Each lost token is one that somebody was not answered about. */
export function issuedTokens(evidence: Evidence): Violation[] {
  const lost = lostTokens(evidence);
  const open = evidence.book.tokens.filter(isOpen);
  const reserved = new Map(evidence.reservations.map((row) => [row.issuance_id, row]));
  const unexplained = lost.flatMap((id): Violation[] => {
    const row = reserved.get(id);
    if (row === undefined) return [];
    const { user_id: user, content_id: title, reserved_at: at } = row;
    const isOf = (call: TokenCall) => call.user === user && call.title === title && call.sentOn <= at.getTime();
    if (open.some(isOf)) return [];
    const moment = monotonic(at);
    return [{ rule: 3, what: 'a token was lost that nobody waited for', facts: row, from: moment, until: moment }];
  });
  if (lost.length <= open.length) return unexplained;
  const facts = { lost: lost.length, open: open.length };
  return [...unexplained, { rule: 3, what: 'more tokens lost than requests', facts, from: 0, until: Infinity }];
}

/** Nobody was given what the store had taken back before they asked, or refused what they had been sold before. */
export function dueTokens({ book, ledger, purchases }: Evidence): Violation[] {
  const orders = new Map(book.orders.map((order) => [order.externalId, order]));
  const bought = new Map(purchases.map((row) => [row.id, orders.get(row.external_id)]));
  const rows = new Map(ledger.map((row) => [row.id, row]));
  const byUser = grouped(
    book.orders.flatMap((order) => usersOf(order).map((user) => ({ user, order }))),
    ({ user }) => user,
  );
  return book.tokens.flatMap((call): Violation[] => {
    const { user, title } = call;
    if (call.status === 200) {
      const row = rows.get(call.id ?? '');
      const order = bought.get(row?.purchase_id ?? '');
      if (order === undefined || possiblyEntitles(order, user, title, call)) return [];
      const facts = { call: shown(call), row, order: told(order) };
      return [{ ...spanOf(call), rule: 6, what: 'a token for what had been taken back', facts }];
    }
    if (call.status !== 403 || !STORE_REASONS.includes(call.said)) return [];
    const owned = (byUser.get(user) ?? []).filter(({ order }) => certainlyEntitles(order, user, title, call));
    if (owned.length === 0) return [];
    const facts = { call: shown(call), orders: owned.map(({ order }) => told(order)) };
    return [{ ...spanOf(call), rule: 6, what: 'no token for what had been sold', facts }];
  });
}

function usersOf({ versions }: Order): string[] {
  return [...new Set([...versions.values()].map(({ said }) => said.userId))];
}

/** All that was said of an order, for people. */
export function told({ externalId, versions, revocations, resets }: Order): object {
  const events = { versions, revocations, resets } as const;
  const lines = Object.entries(events).flatMap(([kind, said]) =>
    [...said].map(([version, event]) => {
      const attempts = event.attempts.map(
        ({ replica, sentAt, answeredAt, status, said: outcome }) =>
          `${replica} ${sentAt.toFixed(0)}-${answeredAt.toFixed(0)} ${status} ${outcome}`,
      );
      return `${kind} ${version} ${JSON.stringify(event.said)}: ${attempts.join('; ')}`;
    }),
  );
  return { externalId, lines };
}

/** Without the token. */
function shown(call: TokenCall): object {
  return { ...call, token: undefined };
}

function spanOf({ sentAt, answeredAt }: TokenCall): Pick<Violation, 'from' | 'until'> {
  return { from: sentAt, until: answeredAt };
}

function momentOf({ decided_at: at }: LedgerRow): Pick<Violation, 'from' | 'until'> {
  return { from: monotonic(at), until: monotonic(at) };
}
