// Rules 4 and 5: purchases, revocations, resets and rentals' clocks, as the store and support were answered.
import {
  isRefused,
  isTaken,
  type Call,
  type Order,
  type OrderContent,
  type StoreEvent,
  type TokenCall,
} from './book.js';
import { grouped, type EarlyRow, type Evidence, type LedgerRow, type PurchaseRow, type Violation } from './evidence.js';
import { clockFault, type ClockEvent } from './first-plays.js';
import { highestTaken } from './possible.js';
import { told } from './reckoning-tokens.js';

/** What was answered as taken is there, and what is there was said. */
export function takenEvents({ book, purchases, early, ledger }: Evidence): Violation[] {
  const rows = new Map(purchases.map((row) => [row.external_id, row]));
  const kept = new Map(early.map((row) => [row.external_id, row]));
  const resets = new Map(ledger.filter(isReset).map((row) => [row.note, row]));
  return book.orders.flatMap((order) => {
    const row = rows.get(order.externalId);
    const faults = [
      orderFault(order, row),
      revocationFault(order, row, kept.get(order.externalId)),
      ...[...order.resets].map(([id, { attempts }]) => {
        const isUnknown = attempts.some(
          ({ status, sentAt }) => status === 404 && highestTaken(order.versions, sentAt) > 0,
        );
        if (isUnknown) return `${id} found no purchase`;
        const isApplied = attempts.some(({ said }) => said === 'updated');
        return isApplied && resets.get(id)?.purchase_id !== row?.id ? `${id} is not in the ledger` : undefined;
      }),
    ];
    const calls = [...order.versions.values(), ...order.revocations.values(), ...order.resets.values()];
    return faults.flatMap((what) => (what === undefined ? [] : [wrong(4, what, order, row, calls)]));
  });
}

function orderFault({ versions }: Order, row: PurchaseRow | undefined): string | undefined {
  const least = highestTaken(versions);
  if (row === undefined) return least === 0 ? undefined : `version ${least} was taken, there is no purchase`;
  if (row.version < least) return `version ${least} was taken, the purchase is of version ${row.version}`;
  const event = versions.get(row.version);
  if (!canStand(event)) return `version ${row.version} was not sent, or was refused`;
  return isOf(row, event.said) ? undefined : `version ${row.version} has other content`;
}

function revocationFault(
  { revocations }: Order,
  row: PurchaseRow | undefined,
  kept: EarlyRow | undefined,
): string | undefined {
  const least = highestTaken(revocations);
  const version = row?.revocation_version ?? kept?.version ?? 0;
  if (version < least) return `revocation ${least} was taken, it is at ${version}`;
  const reason = row === undefined ? (kept?.reason ?? null) : row.revocation_reason;
  if (row !== undefined && (row.revoked_at === null) !== (reason === null)) return 'half revoked';
  if (version === 0) return reason === null ? undefined : 'revoked by nobody';
  const event = revocations.get(version);
  if (!canStand(event)) return `revocation ${version} was not sent, or was refused`;
  return event.said === reason ? undefined : `revocation ${version} has another reason, ${reason}`;
}

function canStand<T>(event: StoreEvent<T> | undefined): event is StoreEvent<T> {
  return event !== undefined && !event.attempts.every(isRefused);
}

function isOf(row: PurchaseRow, said: OrderContent): boolean {
  return (
    row.user_id === said.userId &&
    row.content_id === said.contentId &&
    row.type === said.type &&
    row.purchased_at.getTime() === Date.parse(said.purchasedAt) &&
    (row.period_ends_at?.getTime() ?? null) ===
      (said.periodEndsAt === undefined ? null : Date.parse(said.periodEndsAt)) &&
    row.play_duration_seconds === (said.playDurationSeconds ?? null)
  );
}

/** A rental has one clock at a time, which a token of its own viewer started after it had been taken back. */
export function clocks({ book, purchases, ledger }: Evidence): Violation[] {
  const orders = new Map(book.orders.map((order) => [order.externalId, order]));
  const entries = grouped(
    ledger.filter((row) => row.first_play || isReset(row)),
    ({ purchase_id: id }) => id,
  );
  const delivered = grouped(book.tokens, ({ id }) => id);
  return purchases.flatMap((row) => {
    const rows = entries.get(row.id) ?? [];
    const order = orders.get(row.external_id);
    if (order === undefined) return [];
    const firstPlay = row.first_play_at?.getTime() ?? null;
    const starts = rows.filter((entry) => !isReset(entry));
    const events = rows.map((entry) => clockEvent(entry, order, delivered.get(entry.id) ?? []));
    const start = starts.find(({ decided_at: at }) => at.getTime() === firstPlay);
    const isForeign = start !== undefined && (start.user_id !== row.user_id || start.content_id !== row.content_id);
    const faults = [
      clockFault(firstPlay, events),
      isForeign ? `the clock was started by ${start.user_id} with ${start.content_id}` : undefined,
    ];
    const calls = [{ attempts: starts.flatMap(({ id }) => delivered.get(id) ?? []) }, ...order.resets.values()];
    return faults.flatMap((what) =>
      what === undefined ? [] : [wrong(5, what, order, { ...row, entries: rows }, calls)],
    );
  });
}

function clockEvent(row: LedgerRow, order: Order, delivered: readonly TokenCall[]): ClockEvent {
  const attempts = isReset(row) ? (order.resets.get(row.note ?? '')?.attempts ?? []) : delivered;
  const sentOn = Math.min(...attempts.map((attempt) => attempt.sentOn));
  const until = Math.min(Infinity, ...attempts.filter(isTaken).map(({ answeredOn }) => answeredOn));
  if (isReset(row)) return { id: row.id, kind: 'reset', from: sentOn, until };
  const writes = row.decided_at.getTime();
  // One that was answered before it began is of a replica whose clock was ahead.
  return { id: row.id, kind: 'start', writes, from: writes > until ? sentOn : writes, until };
}

function isReset({ decision }: LedgerRow): boolean {
  return decision === 'first-play-reset';
}

function wrong(
  rule: number,
  what: string,
  order: Order,
  row: object | undefined,
  events: readonly { attempts: readonly Call[] }[],
): Violation {
  const calls = events.flatMap(({ attempts }) => attempts);
  return {
    rule,
    what,
    facts: { row, order: told(order) },
    from: Math.min(...calls.map(({ sentAt }) => sentAt)),
    until: Math.max(...calls.map(({ answeredAt }) => answeredAt)),
  };
}
