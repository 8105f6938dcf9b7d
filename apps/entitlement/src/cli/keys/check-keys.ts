// Unwraps every wrapped content key under the KEK that its row names, and keeps none.
import { unwrapKey } from '@app/expressplay';
import type { KekRing } from '../../keks.js';
import type { ContentKeysRepository, WrappedKeyRow } from './content-keys.repository.js';
import type { UnreadableKey } from './rotate-keys.js';

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
      else unreadable.push({ contentId: row.contentId, kekId: row.kekId, reason });
    }
    progress(readable + unreadable.length);
  }
  return { readable, unreadable };
}

/** Why one key cannot be read; undefined when it can. */
export function unreadableBecause({ kekId, ek }: WrappedKeyRow, keks: KekRing): UnreadableKey['reason'] | undefined {
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
