// Looks after the content keys of a database: which KEKs they need, whether they unwrap, and how they are wrapped under another one.
import { timingSafeEqual } from 'node:crypto';
import { unwrapKey, wrapKey } from '@app/expressplay';
import type { KekRing } from '../../keks.js';
import type { ContentKeysRepository, KeyCount, WrappedKeyRow } from './content-keys.repository.js';

export interface UnreadableKey {
  readonly contentId: string;
  readonly kid: string;
  readonly kekId: string;
  /** The KEK is not among CONTENT_KEY_KEKS, or it is and is not the one the key was wrapped under. */
  readonly reason: 'unknown-kek' | 'wrong-kek';
}

export interface KeyCheckReport {
  readonly readable: number;
  readonly unreadable: readonly UnreadableKey[];
}

const BATCH_SIZE = 500;

/**
 * @param progress is called after each batch with how many keys have been looked at
 * @throws DatabaseUnavailableError
 */
export async function checkKeys(
  rows: ContentKeysRepository,
  keks: KekRing,
  progress: (done: number) => void,
): Promise<KeyCheckReport> {
  let readable = 0;
  const unreadable: UnreadableKey[] = [];
  for await (const batch of rows.wrapped(BATCH_SIZE)) {
    for (const row of batch) {
      const reason = unreadableBecause(row, keks);
      if (reason === undefined) readable += 1;
      else unreadable.push({ contentId: row.contentId, kid: row.kid, kekId: row.kekId, reason });
    }
    progress(readable + unreadable.length);
  }
  return { readable, unreadable };
}

/** Why one key cannot be read; undefined when it can. */
export function unreadableBecause(
  { kekId, ek }: Pick<WrappedKeyRow, 'kekId' | 'ek'>,
  keks: KekRing,
): UnreadableKey['reason'] | undefined {
  const kek = keks.get(kekId);
  if (kek === undefined) return 'unknown-kek';
  try {
    unwrapKey(kek, ek).fill(0);
    return undefined;
  } catch {
    return 'wrong-kek';
  }
}

export interface KekUse {
  /** Those of CONTENT_KEY_KEKS and of the database, with how many content keys each wraps or has in ExpressPlay's storage. */
  keks: { kekId: string; configured: boolean; wrapsNewKeys: boolean; wrapped: number; keyStorage: number }[];
  contentsWithoutKey: number;
  firstWithoutKey: string[];
}

const MOST_NAMED = 5;

/** Titles without a key, by their ids as far as they are known. */
export function withoutKeyText({ contentsWithoutKey: count, firstWithoutKey: first }: KekUse): string {
  return `${first.join(', ')}${count > first.length ? ` and ${count - first.length} more` : ''}`;
}

/** @param configured ids, in the order of the configuration. @throws DatabaseUnavailableError */
export async function kekUse(rows: ContentKeysRepository, configured: readonly string[]): Promise<KekUse> {
  const counts = await rows.count();
  const { count: contentsWithoutKey, first: firstWithoutKey } = await rows.contentsWithoutKey(MOST_NAMED);
  const countOf = (id: string, source: string) =>
    counts.find((one) => one.kekId === id && one.source === source)?.count ?? 0;
  const ids = [...new Set([...configured, ...counts.map(({ kekId }) => kekId)])];
  const keks = ids.map((kekId) => ({
    kekId,
    configured: configured.includes(kekId),
    wrapsNewKeys: kekId === configured[0],
    wrapped: countOf(kekId, 'wrapped'),
    keyStorage: countOf(kekId, 'key-storage'),
  }));
  return { keks, contentsWithoutKey, firstWithoutKey };
}

interface Rotation {
  readonly rows: ContentKeysRepository;
  /** Has the KEK to rotate to, and those that keys are wrapped under now. */
  readonly keks: KekRing;
  readonly to: string;
  /** Unwraps and wraps every key and writes none. */
  readonly dryRun: boolean;
  readonly batchSize: number;
  /** Is called after each batch with how many of the keys to rotate have been dealt with. */
  readonly progress: (done: number, all: number) => void;
}

export interface RotationReport {
  /** Keys that are wrapped under the new KEK now, or would be after a dry run. */
  readonly rotated: number;
  /** Left as they were, because they cannot be read. */
  readonly unreadable: readonly UnreadableKey[];
  /** How many keys lie in ExpressPlay's key storage, by KEK. They are left, and need their KEK further on. */
  readonly keyStorage: readonly KeyCount[];
}

/**
 * Each row is replaced in one statement, and only if it is as it was read, so a key is always wrapped under the KEK that its
 * row names: a rotation can be interrupted at any moment, run again, run twice at once, and meet changes of keys. It ends
 * when no readable key is left under another KEK, those included that came meanwhile.
 *
 * @throws DatabaseUnavailableError, after which it can be run again
 */
export async function rotateKeys(rotation: Rotation): Promise<RotationReport> {
  const { rows, to, dryRun, batchSize, progress } = rotation;
  const counts = await rows.count();
  const unreadable = new Map<string, UnreadableKey>();
  let rotated = 0;
  let all = counts
    .filter((one) => one.source === 'wrapped' && one.kekId !== to)
    .reduce((sum, { count }) => sum + count, 0);
  for (;;) {
    // Until a pass finds nothing to do: a key may have come, or been replaced, behind the place a pass had got to.
    let again = false;
    unreadable.clear();
    for await (const batch of rows.wrapped(batchSize, to)) {
      const outcomes = await Promise.all(batch.map((row) => rotateRow(rotation, row)));
      for (const outcome of outcomes) {
        if (outcome === 'rotated') rotated += 1;
        if (typeof outcome === 'string') again = true;
        else unreadable.set(outcome.kid, outcome);
      }
      all = Math.max(all, rotated + unreadable.size);
      progress(rotated + unreadable.size, all);
    }
    if (!again || dryRun) break;
  }
  const keyStorage = counts.filter(({ source }) => source === 'key-storage');
  return { rotated, unreadable: [...unreadable.values()], keyStorage };
}

async function rotateRow(
  { rows, keks, to, dryRun }: Rotation,
  row: WrappedKeyRow,
): Promise<'rotated' | 'changed' | UnreadableKey> {
  const { contentId, kid, kekId, ek } = row;
  const [from, target] = [keks.get(kekId), keks.get(to)];
  if (from === undefined || target === undefined) return { contentId, kid, kekId, reason: 'unknown-kek' };
  let wrapped: Uint8Array;
  try {
    wrapped = rewrap(ek, from, target);
  } catch {
    return { contentId, kid, kekId, reason: 'wrong-kek' };
  }
  if (dryRun) return 'rotated';
  return (await rows.replace(row, to, wrapped)) ? 'rotated' : 'changed';
}

/** @throws Error when `from` does not unwrap the key, or the result does not unwrap to it */
export function rewrap(ek: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const key = unwrapKey(from, ek);
  let again: Uint8Array | undefined;
  try {
    const wrapped = wrapKey(to, key);
    // The old wrapped key is about to be overwritten: there must be no doubt about the new one.
    again = unwrapKey(to, wrapped);
    if (!timingSafeEqual(key, again)) throw new Error('the content key does not survive being wrapped');
    return wrapped;
  } finally {
    key.fill(0);
    again?.fill(0);
  }
}
