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
  const parts = UNITS.reduce<{ left: number; texts: string[] }>(
    ({ left, texts }, [unit, length]) => {
      const count = Math.floor(left / length);
      return { left: left - count * length, texts: count === 0 ? texts : [...texts, `${count} ${unit}`] };
    },
    { left: Math.max(0, Math.floor(seconds)), texts: [] },
  );
  return parts.texts.length === 0 ? '0 s' : parts.texts.slice(0, 2).join(' ');
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
