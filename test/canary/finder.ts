// Finds secrets in text, in whatever encoding something may have written them.

type Encode = (bytes: Buffer) => string;

const hex: Encode = (bytes) => bytes.toString('hex');
const base64: Encode = (bytes) => bytes.toString('base64');
const latin1: Encode = (bytes) => bytes.toString('latin1');
const every =
  (render: (byte: number, index: number) => string, separator = ''): Encode =>
  (bytes) =>
    [...bytes].map(render).join(separator);
const pair = (byte: number) => byte.toString(16).padStart(2, '0');

/** Base64 of bytes that stand `offset` bytes after others: without the characters that hold neighbours as well. */
const base64Within =
  (offset: 1 | 2): Encode =>
  (bytes) =>
    base64(Buffer.concat([Buffer.alloc(offset), bytes, Buffer.alloc(3)])).slice(
      offset + 1,
      Math.floor(((offset + bytes.length) * 8) / 6),
    );

/** How a secret may be written, by name. Letters are compared without their case. */
export const ENCODINGS = {
  raw: latin1,
  'raw, read as UTF-8': (bytes) => bytes.toString(),
  'hex, lower case': hex,
  'hex, upper case': (bytes) => hex(bytes).toUpperCase(),
  'hex, as a buffer is printed': every(pair, ' '),
  'hex, with colons': every(pair, ':'),
  base64,
  'base64 after one byte': base64Within(1),
  'base64 after two bytes': base64Within(2),
  'base64, URL-encoded': (bytes) => encodeURIComponent(base64(bytes)),
  base64url: (bytes) => bytes.toString('base64url'),
  'URL-encoded': (bytes) => encodeURIComponent(latin1(bytes)),
  'URL-encoded, of bytes': every((byte) =>
    /[\w.~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${pair(byte)}`,
  ),
  'URL-encoded, every byte, lower case': every((byte) => `%${pair(byte)}`),
  'URL-encoded, every byte, upper case': every((byte) => `%${pair(byte).toUpperCase()}`),
  'JSON text': (bytes) => JSON.stringify(latin1(bytes)).slice(1, -1),
  'JSON text of UTF-8': (bytes) => JSON.stringify(bytes.toString()).slice(1, -1),
  'JSON text, every byte': every((byte) => `\\u00${pair(byte)}`),
  'list of numbers': every(String, ','),
  'list of numbers, printed': every(String, ', '),
  'JSON of bytes': every((byte, index) => `"${index}":${byte}`, ','),
} as const satisfies Record<string, Encode>;

export type Encoding = keyof typeof ENCODINGS;

interface Needle {
  readonly name: string;
  readonly text: string;
  /** Whether how a list is printed can change it, so that it has to be looked for in the text as it is as well. */
  readonly isChangedByLayout: boolean;
}

export class CanaryFinder {
  readonly #needles: Needle[] = [];

  /** A key, that may also be written in part: half of it is as bad. */
  addKey(name: string, key: Buffer): this {
    const half = key.length / 2;
    this.#add(name, key);
    this.#add(`first half of ${name}`, key.subarray(0, half));
    this.#add(`second half of ${name}`, key.subarray(half));
    // Configuration and forms hold keys as hex, which may be encoded once more.
    this.#add(`hex of ${name}`, Buffer.from(hex(key)));
    this.#add(`upper-case hex of ${name}`, Buffer.from(hex(key).toUpperCase()));
    return this;
  }

  /** A text, such as a token or a password. */
  addText(name: string, text: string): this {
    this.#add(name, Buffer.from(text));
    return this;
  }

  /** Which secrets a text holds, and in which encoding. */
  find(text: string): string[] {
    const folded = text.toLowerCase();
    // Long lists are printed in columns.
    const unaligned = folded.replaceAll(/(?:\s|\\n)+/g, ' ');
    return this.#needles
      .filter(
        ({ text: part, isChangedByLayout }) => unaligned.includes(part) || (isChangedByLayout && folded.includes(part)),
      )
      .map(({ name }) => name);
  }

  #add(name: string, bytes: Buffer): void {
    for (const [encoding, encode] of Object.entries(ENCODINGS)) {
      const text = encode(bytes).toLowerCase();
      // Next to a backslash an `n` is the end of a line.
      this.#needles.push({ name: `${name}: ${encoding}`, text, isChangedByLayout: /[\s\\]|^n/.test(text) });
    }
  }
}
