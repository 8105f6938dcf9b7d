// The small checks that the validation of every DRM is made of.
import { InvalidTokenRequestError, type ParameterFault } from './errors.js';
import type { EventCode } from './event-codes.js';

/** The longest duration in seconds: licences count them in 32 bits. */
const LONGEST_DURATION_SECONDS = 0xffff_ffff;

/** @throws InvalidTokenRequestError when the parameter is refused */
export function refuseIf(refused: boolean, parameter: string, problem: EventCode | ParameterFault): void {
  if (refused) {
    throw new InvalidTokenRequestError(parameter, problem);
  }
}

/** Whether a value is a whole number between two bounds, both included. */
export function isWholeNumber(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/**
 * Whether a value is a duration in seconds that ends: 0 means "no end" to ExpressPlay, and a rental rounded down to it must not
 * become a licence without one.
 */
export function isDuration(seconds: number): boolean {
  return isWholeNumber(seconds, 1, LONGEST_DURATION_SECONDS);
}

export function isHex(text: string): boolean {
  return /^[0-9a-f]*$/i.test(text);
}

/** Whether a text survives being sent: half of a surrogate pair would arrive as U+FFFD. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** The number of characters of a text, where one beyond the basic plane is one character. */
export function characterCount(text: string): number {
  return [...text].length;
}
