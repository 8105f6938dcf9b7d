// Unwraps every wrapped content key under the KEK that its row names, and keeps none.
import { unwrapKey } from '@app/key-wrapping';
import type { KekRing } from '../../keks.js';
import type { ContentKeysRepository, WrappedKeyRow } from './content-keys.repository.js';
import type { UnreadableKey } from './rotate-keys.js';

/** What was found. */
export interface KeyCheckReport {
  /** Keys that unwrap. */
  readonly readable: number;
  readonly unreadable: readonly UnreadableKey[];
}

const BATCH_SIZE = 500;

/**
 * @param progress is told after each batch how many keys have been looked at
 * @throws DatabaseUnavailableError
 */
export async function checkKeys(
  rows: ContentKeysRepository,
  keks: KekRing,
  progress: (done: number) => void = () => undefined,
): Promise<KeyCheckReport> {
  let readable = 0;
  const unreadable: UnreadableKey[] = [];
  for (let after = ''; ;) {
    const batch = await rows.wrapped(after, BATCH_SIZE);
    const last = batch.at(-1);
    if (last === undefined) return { readable, unreadable };
    for (const row of batch) {
      const reason = unreadableBecause(row, keks);
      if (reason === undefined) readable += 1;
      else unreadable.push({ contentId: row.contentId, kekId: row.kekId, reason });
    }
    progress(readable + unreadable.length);
    after = last.contentId;
  }
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
