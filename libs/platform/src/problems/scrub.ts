// Takes secrets out of texts that were written elsewhere, before they reach a log.

const SCRUBBED = '[scrubbed]';

/**
 * What secrets look like in a text: the pattern, and what is left of it. Callers can choose parts of the text, so each
 * pattern starts only where a run of its characters starts: that keeps the time proportional to the length.
 */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // A name that says that a secret follows, as in a query string, a form, a header or JSON.
  [
    /((?:customerAuthenticator|contentKey|ExpressPlayToken|authorization|cookie|password|kek|ek)(?:%3D|["']?\s*[=:]\s*["']?))(?:Bearer\s+|Basic\s+)?[^\s&"'<>}\])]+/gi,
    `$1${SCRUBBED}`,
  ],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${SCRUBBED}`],
  // Stricter than the names above: "token" is also a word.
  [
    /((?<![a-z])(?:(?:access|refresh|bearer|id|license)[_-]?)?token(?:%3D|=|["']\s*:\s*["']?))[^\s&"'<>}\])]+/gi,
    `$1${SCRUBBED}`,
  ],
  // User and password of a URL.
  [/((?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:\/\/)[^\s/@?#]+@/gi, `$1${SCRUBBED}@`],
  // A JWT or JWE.
  [/(?<![\w-])eyJ[\w-]+(?:\.[\w-]*){1,4}/g, SCRUBBED],
  // An authenticator, with a plain or an encoded comma.
  [/\b\d+(?:,|%2C)[0-9a-f]{32}\b/gi, SCRUBBED],
  // Keys, wrapped keys and tokens in hex, also as Postgres (`\x`) and programs (`0x`) write it.
  [/(?<![0-9a-wyz])[0-9a-f]{32,}(?![0-9a-z])/gi, SCRUBBED],
  // Bytes as Node prints them and as JSON has them.
  [/(<Buffer)(?: [0-9a-f]{2})+/g, `$1 ${SCRUBBED}`],
  [/((?:Uint8Array\(\d+\) |"data":\s*)\[)[\s\d,]+/g, `$1${SCRUBBED}`],
  // Tokens in base64: long runs that no word or path has.
  [/[\w+-]{64,}={0,2}/g, SCRUBBED],
];

/** Runs of either base64 alphabet; a path is one as well. */
const BASE64_RUN = /(?<![\w+/=-])([\w+/-]{22,})(={0,2})(?![\w+/=-])/g;
/** The lengths of 32 bytes with their padding, and of 24 bytes, which have none. */
const KEY_LENGTHS: ReadonlySet<string> = new Set(['43=', '32']);

/** The text without what looks like a secret: authenticators, keys, bearer and licence tokens, passwords in URLs. */
export function scrubSecrets(text: string): string {
  return PATTERNS.reduce((scrubbed, [pattern, replacement]) => scrubbed.replace(pattern, replacement), text).replace(
    BASE64_RUN,
    (run, characters: string, padding: string) => (isSecretInBase64(characters, padding) ? SCRUBBED : run),
  );
}

/** 16 bytes by their padding; 24, 32 and many only when the characters are mixed as no name and no path mixes them. */
function isSecretInBase64(characters: string, padding: string): boolean {
  if (padding === '==' && characters.length === 22) return true;
  if (characters.length < 64 && !KEY_LENGTHS.has(`${characters.length}${padding}`)) return false;
  const capitals = characters.replace(/[^A-Z]+/g, '').length;
  return capitals >= characters.length / 8 && /[a-z]/.test(characters) && /\d/.test(characters);
}
