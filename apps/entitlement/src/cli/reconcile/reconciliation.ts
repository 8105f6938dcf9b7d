// Holds ExpressPlay's records of redemptions against the ledger. Records may come late, twice, or not at all.
import { ExpressPlayError, LONGEST_PAGE, type RedemptionRecord } from '@app/expressplay';
import { failureText } from '../account-api.js';
import { InterruptedError } from '../terminal/exit-codes.js';
import type { LedgerRow } from './issued-tokens.repository.js';

/** Where records come from. */
export interface RecordSource {
  page(start: number): Promise<RedemptionRecord[]>;
  ofCookie(cookie: string): Promise<RedemptionRecord[]>;
}

/** The ledger, as far as it is asked. */
export interface LedgerSource {
  ofIds(ids: readonly string[]): Promise<LedgerRow[]>;
  issuedSince(since: Date): AsyncIterable<LedgerRow[]>;
}

/** The part of the records that a run reads. */
export interface ReadRecords {
  start: number;
  /** Where to go on. */
  next: number;
  /** How many of them were met before, by their event id. */
  doubled: number;
  /** Whether the last one there is has been read. */
  toTheEnd: boolean;
  /** Why reading ended before that, where nobody asked for it. */
  brokenOff: string | null;
}

/** What was redeemed with one cookie. */
interface Redeemed {
  cookie: string | null;
  redemptions: number;
  devices: string[];
}

/** A redemption of which the ledger knows no token: no row of this id, or one that says that none was issued. */
export type UnknownRedemption = Redeemed & { ledger: LedgerRow['decision'] | null };

export interface Reconciliation {
  records: ReadRecords;
  since: Date;
  /** Tokens issued since then. */
  issued: number;
  /** Those of them whose redemption may still come, or may still be recorded. */
  tooEarly: number;
  neverRedeemed: LedgerRow[];
  /** Tokens that no record was seen of and that there were too many of to ask for one by one. */
  notAskedFor: number;
  redeemedMoreThanOnce: (LedgerRow & Omit<Redeemed, 'cookie'>)[];
  unknown: UnknownRedemption[];
}

export interface ReconcileOptions {
  records: RecordSource;
  ledger: LedgerSource;
  now: Date;
  since: Date;
  /** How long after the token's end its record may still come, in seconds. */
  lateSeconds: number;
  start: number;
  /** The most pages that are read. */
  pages: number;
  /** Is told how far it has come, and may throw to end it. */
  checkpoint: (progress: string) => void;
}

/** How ids of the ledger are written: a cookie that is none was not ours. */
const LEDGER_ID = /^[0-9a-f]{32}$/;
const IDS_AT_ONCE = 500;
const MOST_ASKED_FOR = 1000;

/**
 * Whatever part of the records is read, what is said of it is so; what was redeemed in another part may count for more there. Only
 * what was never redeemed needs all of them: where they were not all read, ExpressPlay is asked for these cookies one by one.
 *
 * @throws ExpressPlayError when not even the first page could be read; DatabaseUnavailableError
 */
export async function reconcile(options: ReconcileOptions): Promise<Reconciliation> {
  const { ledger, now, since, lateSeconds, checkpoint } = options;
  const redeemed = new Map<string | null, Redeemed>();
  const read = await readRecords(options, redeemed);
  const found: Pick<Reconciliation, 'redeemedMoreThanOnce' | 'unknown'> = { redeemedMoreThanOnce: [], unknown: [] };
  const all = [...redeemed.values()];
  for (let from = 0; from < all.length; from += IDS_AT_ONCE) {
    const batch = all.slice(from, from + IDS_AT_ONCE);
    const ids = batch.flatMap(({ cookie }) => (cookie !== null && LEDGER_ID.test(cookie) ? [cookie] : []));
    const rows = new Map((await ledger.ofIds(ids)).map((row) => [row.id, row]));
    for (const { cookie, ...counted } of batch) {
      const row = rows.get(cookie ?? '');
      if (row?.decision !== 'granted') found.unknown.push({ cookie, ...counted, ledger: row?.decision ?? null });
      else if (counted.redemptions > 1 && row.decidedAt >= since)
        found.redeemedMoreThanOnce.push({ ...row, ...counted });
    }
  }
  let issued = 0;
  let tooEarly = 0;
  const unseen: LedgerRow[] = [];
  for await (const batch of ledger.issuedSince(since)) {
    issued += batch.length;
    if (read.brokenOff === null) checkpoint(`${issued} tokens of the ledger`);
    for (const row of batch.filter(({ id }) => !redeemed.has(id))) {
      if ((row.tokenExpiresAt ?? row.decidedAt).getTime() + lateSeconds * 1000 > now.getTime()) tooEarly += 1;
      else unseen.push(row);
    }
  }
  const isAll = read.start === 0 && read.toTheEnd;
  const [neverRedeemed, notAskedFor] = isAll ? [unseen, 0] : await askFor(unseen, read, options);
  return { records: read, since, issued, tooEarly, neverRedeemed, notAskedFor, ...found };
}

async function readRecords(
  { records, start, pages, checkpoint }: ReconcileOptions,
  redeemed: Map<string | null, Redeemed>,
): Promise<ReadRecords> {
  const read: ReadRecords = { start, next: start, doubled: 0, toTheEnd: false, brokenOff: null };
  const met = new Set<string>();
  for (let page = 0; page < pages && !read.toTheEnd; page += 1) {
    try {
      const found = await records.page(read.next);
      const before = met.size;
      for (const record of found) {
        if (met.has(record.eventId)) read.doubled += 1;
        else count(record, redeemed);
        met.add(record.eventId);
      }
      read.next += found.length;
      read.toTheEnd = found.length < LONGEST_PAGE;
      if (!read.toTheEnd && met.size === before) throw new NothingNewError();
      checkpoint(`${read.next - start} records`);
    } catch (error) {
      const why = whyBrokenOff(error);
      // Without any record there is nothing to report.
      if (why === undefined || read.next === start) throw error;
      read.brokenOff = why;
      return read;
    }
  }
  return read;
}

function whyBrokenOff(error: unknown): string | undefined {
  if (error instanceof ExpressPlayError) return failureText(error);
  return error instanceof InterruptedError || error instanceof NothingNewError ? error.message : undefined;
}

/** A whole page that was read before: whoever answers so may do it for ever. */
class NothingNewError extends Error {
  constructor() {
    super('a whole page brought nothing new');
  }
}

function count({ cookie, deviceId }: RedemptionRecord, redeemed: Map<string | null, Redeemed>): void {
  const one = redeemed.get(cookie) ?? { cookie, redemptions: 0, devices: [] };
  one.redemptions += 1;
  if (deviceId !== null && !one.devices.includes(deviceId)) one.devices.push(deviceId);
  redeemed.set(cookie, one);
}

/** @returns those of which ExpressPlay has no record, and how many were not asked for */
async function askFor(
  unseen: readonly LedgerRow[],
  { brokenOff }: ReadRecords,
  { records, checkpoint }: ReconcileOptions,
): Promise<[LedgerRow[], number]> {
  if (brokenOff !== null) return [[], unseen.length];
  const asked = unseen.slice(0, MOST_ASKED_FOR);
  const never: LedgerRow[] = [];
  for (const [index, row] of asked.entries()) {
    if ((await records.ofCookie(row.id)).length === 0) never.push(row);
    checkpoint(`${index + 1} of ${asked.length} tokens asked for`);
  }
  return [never, unseen.length - asked.length];
}
