// The service's key-encryption keys (KEKs): read as bytes from the first to the last, and cleared when they are replaced and the last
// request that uses them has ended.
import { InvalidValueError, type Retirable } from '@app/platform/configuration';

const EXPECTED = 'must be entries id=KEK, separated by commas or line breaks, each KEK 32 hex digits';
const ID = /^[A-Za-z0-9._-]{1,64}$/;
const KEK_BYTES = 16;
const [COMMA, CARRIAGE_RETURN, LINE_FEED, EQUALS] = [0x2c, 0x0d, 0x0a, 0x3d];
const BLANKS: readonly number[] = [0x20, 0x09];

/** The KEKs of one state of `CONTENT_KEY_KEKS`, by their ids. Printing one shows none of them. */
export class KekRing implements Retirable {
  // Private to the language, so that no logger and no inspection gets to see it.
  readonly #keks: ReadonlyMap<string, Uint8Array>;
  #borrowers = 0;
  #retired = false;
  #cleared = false;

  /** @param keks at least one, 16 bytes each; they are this ring's from now on */
  constructor(keks: ReadonlyMap<string, Uint8Array>) {
    this.#keks = keks;
  }

  /** Reads one from `CONTENT_KEY_KEKS`. @throws InvalidValueError as `parseKeks` */
  static parse(text: Uint8Array): KekRing {
    return new KekRing(parseKeks(text));
  }

  /** In the order of the configuration. */
  get ids(): readonly string[] {
    return [...this.#keks.keys()];
  }

  /**
   * The KEK of an id, for use until the present piece of synchronous work ends, or as long as the ring is borrowed.
   *
   * @throws Error when the ring has been cleared: zeros must not be taken for a key
   */
  get(id: string): Uint8Array | undefined {
    if (this.#cleared) throw new Error('these KEKs are no longer in force and have been cleared');
    return this.#keks.get(id);
  }

  /** The first of the configuration, under which new content keys are wrapped. @throws as `get` */
  first(): { readonly id: string; readonly kek: Uint8Array } {
    for (const id of this.#keks.keys()) {
      const kek = this.get(id);
      if (kek !== undefined) return { id, kek };
    }
    throw new Error('there is no KEK');
  }

  /** Keeps the KEKs from being cleared until the answer is called, once. */
  borrow(): () => void {
    this.#borrowers += 1;
    let returned = false;
    return () => {
      if (returned) return;
      returned = true;
      this.#borrowers -= 1;
      this.#clearWhenUnused();
    };
  }

  retire(): void {
    this.#retired = true;
    this.#clearWhenUnused();
  }

  #clearWhenUnused(): void {
    // Later, because whoever took a KEK in the present piece of work without borrowing may still be at it.
    setImmediate(() => {
      if (!this.#retired || this.#borrowers > 0 || this.#cleared) return;
      this.#cleared = true;
      for (const kek of this.#keks.values()) kek.fill(0);
    });
  }
}

/**
 * Parses `CONTENT_KEY_KEKS`: entries `id=hex` separated by commas or line breaks. An id has 1 to 64 letters, digits,
 * dots, dashes and underscores; a KEK is 16 bytes. Blank entries are skipped.
 *
 * @param text as bytes, so that the caller can clear it; a KEK never is a string in between
 * @returns 16-byte KEKs by their id
 * @throws InvalidValueError that says which entry is malformed by its position, never an id or a key
 */
export function parseKeks(text: Uint8Array): Map<string, Uint8Array> {
  const keks = new Map<string, Uint8Array>();
  try {
    for (const [index, entry] of entriesOf(text).entries()) {
      const separator = entry.indexOf(EQUALS);
      // Made of a copy of its bytes: a part of a longer string would keep all of that string, with the keys in it.
      const id = Buffer.from(trimmed(entry.subarray(0, Math.max(separator, 0)))).toString('latin1');
      const kek = bytesOfHex(trimmed(entry.subarray(separator + 1)));
      const problem = entryProblem(id, kek, keks);
      if (kek === undefined || problem !== undefined) {
        kek?.fill(0);
        throw new InvalidValueError(`${EXPECTED}; entry ${index + 1} ${problem}`);
      }
      keks.set(id, kek);
    }
    if (keks.size === 0) throw new InvalidValueError(`${EXPECTED}; there is none`);
    return keks;
  } catch (error) {
    for (const kek of keks.values()) kek.fill(0);
    throw error;
  }
}

function entryProblem(id: string, kek: Uint8Array | undefined, keks: ReadonlyMap<string, unknown>): string | undefined {
  if (!ID.test(id)) return 'has no id, or one with characters other than letters, digits, dot, dash and underscore';
  if (kek === undefined) return 'has no KEK of 32 hex digits';
  if (keks.has(id)) return 'repeats an id';
  return undefined;
}

/** The parts between commas and line breaks that are not blank. Nothing is copied. */
function entriesOf(text: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let from = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const byte = text[at];
    if (byte !== undefined && byte !== COMMA && byte !== LINE_FEED && byte !== CARRIAGE_RETURN) continue;
    const entry = trimmed(text.subarray(from, at));
    if (entry.length > 0) entries.push(entry);
    from = at + 1;
  }
  return entries;
}

function trimmed(bytes: Uint8Array): Uint8Array {
  let [from, to] = [0, bytes.length];
  while (from < to && BLANKS.includes(bytes[from] ?? 0)) from += 1;
  while (to > from && BLANKS.includes(bytes[to - 1] ?? 0)) to -= 1;
  return bytes.subarray(from, to);
}

function bytesOfHex(digits: Uint8Array): Uint8Array | undefined {
  if (digits.length !== 2 * KEK_BYTES) return undefined;
  const bytes = new Uint8Array(KEK_BYTES);
  for (let at = 0; at < KEK_BYTES; at += 1) {
    const [high, low] = [valueOf(digits[2 * at]), valueOf(digits[2 * at + 1])];
    if (high === undefined || low === undefined) {
      bytes.fill(0);
      return undefined;
    }
    bytes[at] = (high << 4) | low;
  }
  return bytes;
}

function valueOf(digit: number | undefined): number | undefined {
  if (digit === undefined) return undefined;
  if (digit >= 0x30 && digit <= 0x39) return digit - 0x30;
  // Upper case to lower case.
  const letter = digit | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined;
}
