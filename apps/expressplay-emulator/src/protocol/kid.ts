// Key ids, as token requests and the key storage take them.
import { characterCount, isHex, REPLACEMENT_CHARACTER } from './values.js';
import { EventError } from './event-error.js';

const KID_DIGITS = 32;
const KID_TEXT_PREFIX = '^';
const LONGEST_KID_TEXT = 64;

/** The key id, if it is 32 hex digits or `^` and a text of 1 to 64 characters. @throws EventError -4020, -4021, -4022 */
export function checkKid(kid: string): string {
  if (kid.startsWith(KID_TEXT_PREFIX)) {
    const length = characterCount(kid) - 1;
    if (length === 0) throw new EventError(-4022, 'nothing follows the ^');
    if (length > LONGEST_KID_TEXT) throw new EventError(-4021);
    if (kid.includes(REPLACEMENT_CHARACTER)) throw new EventError(-4022, 'it is not UTF-8');
    return kid;
  }
  if (characterCount(kid) !== KID_DIGITS) throw new EventError(-4020);
  if (!isHex(kid)) throw new EventError(-4022, 'it is not hexadecimal');
  return kid;
}
