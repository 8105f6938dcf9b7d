// Reads the service's key-encryption keys (KEKs) from their configuration text.
import { InvalidValueError } from '@app/configuration';

const EXPECTED = 'must be entries id=KEK, separated by commas or line breaks, each KEK 32 hex digits';
const ID = /^[A-Za-z0-9._-]{1,64}$/;
const KEK = /^[0-9a-f]{32}$/i;

/**
 * Parses `CONTENT_KEY_KEKS`: entries `id=hex` separated by commas or line breaks. An id has 1 to 64 letters, digits,
 * dots, dashes and underscores; a KEK is 16 bytes. Blank entries are skipped.
 *
 * @returns 16-byte KEKs by their id
 * @throws InvalidValueError that says which entry is malformed by its position, never an id or a key
 */
export function parseKeks(text: string): Map<string, Uint8Array> {
  const keks = new Map<string, Uint8Array>();
  const entries = text.split(/[,\r\n]+/).filter((entry) => entry.trim() !== '');
  for (const [index, entry] of entries.entries()) {
    const separator = entry.indexOf('=');
    const id = entry.slice(0, Math.max(separator, 0)).trim();
    const kek = entry.slice(separator + 1).trim();
    const problem = entryProblem(id, kek, keks);
    if (problem !== undefined) throw new InvalidValueError(`${EXPECTED}; entry ${index + 1} ${problem}`);
    keks.set(id, new Uint8Array(Buffer.from(kek, 'hex')));
  }
  if (keks.size === 0) throw new InvalidValueError(`${EXPECTED}; there is none`);
  return keks;
}

function entryProblem(id: string, kek: string, keks: ReadonlyMap<string, unknown>): string | undefined {
  if (!ID.test(id)) return 'has no id, or one with characters other than letters, digits, dot, dash and underscore';
  if (!KEK.test(kek)) return 'has no KEK of 32 hex digits';
  if (keks.has(id)) return 'repeats an id';
  return undefined;
}
