// What the database and ExpressPlay say in the end, to be held against the book.
import type { Book } from './book.js';
import type { World } from './world.js';

export interface PurchaseRow {
  id: string;
  external_id: string;
  user_id: string;
  content_id: string;
  type: string;
  purchased_at: Date;
  period_ends_at: Date | null;
  play_duration_seconds: number | null;
  first_play_at: Date | null;
  revoked_at: Date | null;
  revocation_reason: string | null;
  version: number;
  revocation_version: number;
}

export interface LedgerRow {
  id: string;
  user_id: string;
  content_id: string;
  purchase_id: string | null;
  drm: string | null;
  reason?: string | null;
  decision: 'granted' | 'denied' | 'failed' | 'first-play-reset';
  first_play: boolean;
  decided_at: Date;
  note: string | null;
}

export interface EarlyRow {
  external_id: string;
  version: number;
  reason: string | null;
}

/** Of a token that was reserved and is not in the ledger. */
export interface ReservationRow {
  issuance_id: string;
  user_id: string;
  content_id: string;
  reserved_at: Date;
}

export interface Evidence {
  readonly book: Book;
  readonly purchases: readonly PurchaseRow[];
  readonly ledger: readonly LedgerRow[];
  readonly early: readonly EarlyRow[];
  readonly reservations: readonly ReservationRow[];
  /** Cookies of the tokens that ExpressPlay has issued. */
  readonly issued: ReadonlySet<string>;
  /** What some of the delivered tokens carry, by their ids. */
  readonly cookies: ReadonlyMap<string, string | null>;
}

const MOST_TOKENS_OPENED = 100;

export async function gather(world: World, book: Book): Promise<Evidence> {
  const { database } = world.site;
  const delivered = book.tokens.filter(({ token }) => token !== undefined);
  const step = Math.ceil(delivered.length / MOST_TOKENS_OPENED);
  const cookies = new Map<string, string | null>();
  for (const { id = '', token = '' } of delivered.filter((_, index) => index % step === 0)) {
    cookies.set(id, await world.site.cookieOf(token));
  }
  return {
    book,
    cookies,
    purchases: await database.query('SELECT *, version::int, revocation_version::int FROM purchase'),
    ledger: await database.query('SELECT * FROM issuance ORDER BY decided_at'),
    early: await database.query('SELECT external_id, version::int, reason FROM early_revocation'),
    reservations: await database.query('SELECT * FROM token_reservation'),
    issued: await world.issued(),
  };
}

/** One thing that does not agree. */
export interface Violation {
  /** By its number in docs/testing.md. */
  readonly rule: number;
  readonly what: string;
  readonly facts: object;
  /** By the monotonic clock. */
  readonly from: number;
  readonly until: number;
}

/** A moment of the machine's clock by this process's monotonic one. */
export function monotonic(moment: Date | number): number {
  return Number(moment) - Date.now() + performance.now();
}

/** Rows by what they have in common. */
export function grouped<T, K>(rows: readonly T[], keyOf: (row: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
