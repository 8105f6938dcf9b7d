// The readable part of an error answer, with everything cut out that could be a secret.
import { PARAMETERS } from './parameters.js';

const REDACTED = '[redacted]';
const LONGEST_EXCERPT = 200;
const PARAMETER_NAMES: ReadonlySet<string> = new Set(Object.values(PARAMETERS));

/** Comments, styles, scripts and tags. What is left open reaches to the end, so that no text is scanned twice. */
const MARKUP = /<!--[\s\S]*?(?:-->|$)|<(style|script)\b[\s\S]*?(?:<\/\1\s*>|$)|<[^<>]*>/gi;

/** An authenticator, whoever's it is, with its comma as it is or percent-encoded. */
const AUTHENTICATOR = /\d{1,20}(?:,|%2C)[0-9a-f]{32}/gi;
/** The values of parameters that hold a key or a token, echoed as a form or as JSON. */
const SECRET_PARAMETER =
  /(?<![A-Za-z])(customerAuthenticator|contentKey|kek|ek|ExpressPlayToken|token)(=|["']\s*:\s*["']?)[^\s"'&<>]+/gi;
/** Keys and KIDs in hex. */
const HEX_RUN = /[0-9a-f]{16,}/gi;
/** Keys and tokens in either base64 alphabet. Parameter names are as long and stay. */
const BASE64_RUN = /[A-Za-z0-9_+/-]{20,}={0,2}/g;
/** Line breaks and control characters would let an answer forge log lines. */
const SPACE = /[\s\p{Cc}]+/gu;

/** The text of an HTML page without its markup; other text stays as it is but for what looks like tags. */
export function visibleText(body: string): string {
  return body.replace(MARKUP, ' ');
}

/**
 * At most 200 characters of an answer's text on one line, fit for a log.
 *
 * @param text what the answer says
 * @param authenticators the authenticators that were sent, removed in whatever surroundings they are echoed
 */
export function excerptOf(text: string, authenticators: readonly string[]): string {
  return authenticators
    .filter((authenticator) => authenticator !== '')
    .reduce((rest, authenticator) => rest.replaceAll(authenticator, REDACTED), text)
    .replace(AUTHENTICATOR, REDACTED)
    .replace(SECRET_PARAMETER, `$1$2${REDACTED}`)
    .replace(HEX_RUN, REDACTED)
    .replace(BASE64_RUN, (run) => (PARAMETER_NAMES.has(run) ? run : REDACTED))
    .replace(SPACE, ' ')
    .trim()
    .slice(0, LONGEST_EXCERPT);
}
