// Content keys between the catalogue and ExpressPlay's key storage: always wrapped, and no key is ever replaced by another one.
import { timingSafeEqual } from 'node:crypto';
import { type KeyToStore, type StoredContentKey, unwrapKey } from '@app/expressplay';
import type { KekRing } from '../../keks.js';
import { unreadableBecause } from './content-keys.js';
import type { CatalogueKey, ContentKeysRepository } from './content-keys.repository.js';

/** The key storage, as far as it is asked. */
export interface KeyStorage {
  list(): Promise<StoredContentKey[]>;
  get(kid: string): Promise<StoredContentKey | undefined>;
  store(key: KeyToStore): Promise<unknown>;
}

export interface Transfer {
  rows: ContentKeysRepository;
  keks: KekRing;
  storage: KeyStorage;
  /** The titles; none means all. */
  contentIds: readonly string[];
  /** Compares everything and writes nothing. */
  dryRun: boolean;
  /** Is called before each key, and may throw to end it. */
  checkpoint: (progress: string) => void;
}

/** Names a key of the catalogue. */
export type NamedKey = Pick<CatalogueKey, 'contentId' | 'kid'>;

/**
 * Why a key was left as it is: its own KEK is not configured or does not unwrap it; no KEK of ours unwraps the stored one; the other
 * side has another key under this KID; or the catalogue was changed meanwhile.
 */
export type TransferRefusal = 'unknown-kek' | 'wrong-kek' | 'stored-unreadable' | 'other-key' | 'changed';

export interface TransferReport {
  /** Keys that were written, or would be after a dry run. */
  readonly moved: number;
  /** Keys that the other side has already. */
  readonly unchanged: number;
  /** Keys that this side does not have, and so could not be moved. */
  readonly missing: NamedKey[];
  readonly refused: (NamedKey & { reason: TransferRefusal })[];
}

type Outcome = 'moved' | 'unchanged' | 'missing' | TransferRefusal;

/**
 * Stores the wrapped keys of the catalogue. A key that is there already under another KEK of ours is wrapped anew by being stored; one
 * that is another key, or cannot be read, is left.
 *
 * @throws ExpressPlayError, DatabaseUnavailableError, after which it can be run again
 */
export function pushKeys(transfer: Transfer): Promise<TransferReport> {
  const { keks, storage, dryRun } = transfer;
  return eachKey(transfer, async ({ contentId, kid, kekId, ek }, stored) => {
    // One that lies in the key storage, or is not known yet.
    if (kekId === null || ek === null) return stored === undefined ? 'missing' : 'unchanged';
    const unreadable = unreadableBecause({ kekId, ek }, keks);
    if (unreadable !== undefined) return unreadable;
    const there = stored?.ek;
    if (stored !== undefined) {
      if (there === undefined) return 'stored-unreadable';
      if (stored.kekId === kekId && Buffer.compare(there, ek) === 0) return 'unchanged';
      const found = kekOf(there, keks, stored.kekId);
      if (found === undefined) return 'stored-unreadable';
      if (!isSameKey(keks, [kekId, ek], [found, there])) return 'other-key';
    }
    if (!dryRun) await storage.store({ kid, kekId, ek, contentId });
    return 'moved';
  });
}

/**
 * Takes stored keys into the catalogue, for its KIDs that have no key of their own there. It is one of the configured KEKs that has to
 * unwrap them, and its id is what the catalogue gets, whatever the storage calls it.
 *
 * @throws ExpressPlayError, DatabaseUnavailableError, after which it can be run again
 */
export function pullKeys(transfer: Transfer): Promise<TransferReport> {
  const { keks, rows, dryRun } = transfer;
  return eachKey(transfer, async (row, stored) => {
    const { kekId, ek } = row;
    if (stored === undefined) return ek === null ? 'missing' : 'unchanged';
    const found = stored.ek && kekOf(stored.ek, keks, stored.kekId);
    if (found === undefined || stored.ek === undefined) return 'stored-unreadable';
    if (kekId !== null && ek !== null) {
      const unreadable = unreadableBecause({ kekId, ek }, keks);
      if (unreadable !== undefined) return unreadable;
      return isSameKey(keks, [kekId, ek], [found, stored.ek]) ? 'unchanged' : 'other-key';
    }
    if (dryRun || (await rows.replace(row, found, stored.ek))) return 'moved';
    return 'changed';
  });
}

async function eachKey(
  { rows, storage, contentIds, checkpoint }: Transfer,
  move: (row: CatalogueKey, stored: StoredContentKey | undefined) => Promise<Outcome>,
): Promise<TransferReport> {
  const all = new Map((await storage.list()).map((key) => [key.kid, key]));
  const counted = { moved: 0, unchanged: 0 };
  const missing: NamedKey[] = [];
  const refused: (NamedKey & { reason: TransferRefusal })[] = [];
  let done = 0;
  for await (const batch of rows.all(contentIds)) {
    for (const row of batch) {
      checkpoint(`${done} content keys`);
      const named = { contentId: row.contentId, kid: row.kid };
      const outcome = await move(row, await withWrappedKey(all.get(row.kid), storage));
      if (outcome === 'moved' || outcome === 'unchanged') counted[outcome] += 1;
      else if (outcome === 'missing') missing.push(named);
      else refused.push({ ...named, reason: outcome });
      done += 1;
    }
  }
  return { ...counted, missing, refused };
}

/** A list may say no more than KIDs. */
async function withWrappedKey(listed: StoredContentKey | undefined, storage: KeyStorage) {
  return listed === undefined || listed.ek !== undefined ? listed : ((await storage.get(listed.kid)) ?? listed);
}

/** The id of the KEK that unwraps a key, first of all the one that it is said to be. */
function kekOf(ek: Uint8Array, keks: KekRing, said: string | undefined): string | undefined {
  const ids = keks.ids.toSorted((one, other) => Number(other === said) - Number(one === said));
  return ids.find((kekId) => unreadableBecause({ kekId, ek }, keks) === undefined);
}

type WrappedUnder = readonly [kekId: string, ek: Uint8Array];

/** Whether two wrapped keys, which are known to be readable, are the same one. */
function isSameKey(keks: KekRing, one: WrappedUnder, other: WrappedUnder): boolean {
  const keys = [one, other].map(([kekId, ek]) => unwrapKey(keks.get(kekId) ?? new Uint8Array(16), ek));
  try {
    return timingSafeEqual(keys[0]!, keys[1]!);
  } finally {
    for (const key of keys) key.fill(0);
  }
}

export interface StorageReport {
  stored: {
    kid: string;
    /** What the storage calls the KEK. */
    kekId: string | null;
    /** The KEK of CONTENT_KEY_KEKS that unwraps it; null when none does, or the list does not have the wrapped key. */
    unwrapsUnder: string | null;
    /** The title of the catalogue that has this KID. */
    contentId: string | null;
    lastUpdate: string | null;
  }[];
  /** KIDs of the catalogue that are not there; `needed` when the catalogue has the key nowhere else. */
  missing: (NamedKey & { needed: boolean })[];
}

/** What the key storage has, beside the catalogue. @throws ExpressPlayError, DatabaseUnavailableError */
export async function compareStorage(
  rows: ContentKeysRepository,
  keks: KekRing,
  storage: Pick<KeyStorage, 'list'>,
): Promise<StorageReport> {
  const listed = await storage.list();
  const kids = new Set(listed.map(({ kid }) => kid));
  const contents = new Map<string, string>();
  const missing: StorageReport['missing'] = [];
  for await (const batch of rows.all([])) {
    for (const { contentId, kid, kekId, ek } of batch) {
      contents.set(kid, contentId);
      if (!kids.has(kid)) missing.push({ contentId, kid, needed: kekId !== null && ek === null });
    }
  }
  const stored = listed.map(({ kid, kekId, ek, lastUpdate }) => ({
    kid,
    kekId: kekId ?? null,
    unwrapsUnder: (ek && kekOf(ek, keks, kekId)) ?? null,
    contentId: contents.get(kid) ?? null,
    lastUpdate: lastUpdate ?? null,
  }));
  return { stored, missing };
}
