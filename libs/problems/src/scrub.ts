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
  // User and password of a URL.
  [/((?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:\/\/)[^\s/@?#]+@/gi, `$1${SCRUBBED}@`],
  // A JWT or JWE.
  [/(?<![\w-])eyJ[\w-]+(?:\.[\w-]*){1,4}/g, SCRUBBED],
  // An authenticator, with a plain or an encoded comma.
  [/\b\d+(?:,|%2C)[0-9a-f]{32}\b/gi, SCRUBBED],
  // Keys, wrapped keys and tokens in hex.
  [/(?<![0-9a-z])[0-9a-f]{32,}(?![0-9a-z])/gi, SCRUBBED],
  // Tokens in base64: long runs that no word or path has.
  [/[\w+-]{64,}={0,2}/g, SCRUBBED],
];

/** The text without what looks like a secret: authenticators, keys, bearer and licence tokens, passwords in URLs. */
export function scrubSecrets(text: string): string {
  return PATTERNS.reduce((scrubbed, [pattern, replacement]) => scrubbed.replace(pattern, replacement), text);
}
