// Which KEKs there are, in the configuration and in the database, and what needs them.
import type { ContentKeysRepository } from './content-keys.repository.js';

/** One KEK. */
export interface KekUseRow {
  kekId: string;
  /** It is among CONTENT_KEY_KEKS. */
  configured: boolean;
  /** It is the first of them. */
  wrapsNewKeys: boolean;
  /** Content keys wrapped under it. */
  wrapped: number;
  /** Content keys in ExpressPlay's key storage under it. */
  keyStorage: number;
}

/** All of them. */
export interface KekUse {
  keks: KekUseRow[];
  /** Titles that have no key at all. */
  contentsWithoutKey: number;
  /** The ids of the first of them. */
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
