// Readers of single values: hex, integers, base64, moments and key ids.
import { EventError } from './errors.js';

/** The largest number of seconds that a duration may have: 32 bits without a sign. */
const LONGEST_DURATION_SECONDS = 0xffff_ffff;

/** What stands where bytes were not UTF-8. */
export const REPLACEMENT_CHARACTER = '\uFFFD';

const RFC_3339_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;

/** Whether a text consists of hexadecimal digits alone, at least one. */
export function isHex(text: string): boolean {
  return /^[0-9A-Fa-f]+$/.test(text);
}

/** Whether a text is base64 with padding, in the standard alphabet, and not empty. */
export function isBase64(text: string): boolean {
  return text !== '' && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
}

/** The number of characters of a text, where one beyond the basic plane is one character. */
export function characterCount(text: string): number {
  return [...text].length;
}

/** An integer of decimal digits between two bounds, both included. */
export function readInteger(text: string, lowest: number, highest: number): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= lowest && value <= highest ? value : undefined;
}

/** An integer of seconds, at least `lowest`. */
export function readSeconds(text: string, lowest: number): number | undefined {
  return readInteger(text, lowest, LONGEST_DURATION_SECONDS);
}

/**
 * A moment as ExpressPlay takes it: an RFC 3339 date-time in `Z`, or `+` and seconds from the token's issue.
 *
 * @param issuedAt what `+` counts from
 */
export function readMoment(text: string, issuedAt: Date): Date | undefined {
  if (text.startsWith('+')) {
    const seconds = readSeconds(text.slice(1), 0);
    return seconds === undefined ? undefined : new Date(issuedAt.getTime() + seconds * 1000);
  }
  if (!RFC_3339_UTC.test(text)) return undefined;
  const moment = new Date(text);
  // A day that its month does not have (30 February) would otherwise be read as one of the next month.
  const sameDay = !Number.isNaN(moment.getTime()) && moment.toISOString().slice(0, 10) === text.slice(0, 10);
  return sameDay ? moment : undefined;
}

/** The key id, if it is 32 hex digits or `^` and a text of 1 to 64 characters. @throws EventError -4020, -4021, -4022 */
export function checkKid(kid: string): string {
  if (kid.startsWith('^')) {
    const length = characterCount(kid) - 1;
    if (length === 0) throw new EventError(-4022, 'nothing follows the ^');
    if (length > 64) throw new EventError(-4021);
    if (kid.includes(REPLACEMENT_CHARACTER)) throw new EventError(-4022, 'it is not UTF-8');
    return kid;
  }
  if (characterCount(kid) !== 32) throw new EventError(-4020);
  if (!isHex(kid)) throw new EventError(-4022, 'it is not hexadecimal');
  return kid;
}
