// Moments and lengths of time, as commands take and print them.
import { MOMENT_RULE, parseMoment } from '../../moment.js';
import { usageError } from './exit-codes.js';

/** Reads an option that is a moment. @throws CommandError (usage) */
export function momentOption(option: string, text: string): Date {
  const moment = parseMoment(text);
  if (moment === undefined) throw usageError(`${option} ${MOMENT_RULE}.`);
  return moment;
}

/** A length of time in its two largest units, such as `1 d 4 h`. */
export function lengthText(seconds: number): string {
  let left = Math.max(0, Math.floor(seconds));
  const texts = UNITS.flatMap(([unit, length]) => {
    const count = Math.floor(left / length);
    left -= count * length;
    return count === 0 ? [] : [`${count} ${unit}`];
  });
  return texts.slice(0, 2).join(' ') || '0 s';
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** @throws CommandError (usage) naming the option, when it is no whole number within the bounds */
export function integerOption(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < least || value > most) {
    throw usageError(`${option} takes a whole number from ${least} to ${most}.`);
  }
  return value;
}
