// Reads whole numbers from a command's options.
import { usageError } from './exit-codes.js';

/** @throws CommandError (usage) naming the option, when it is no whole number within the bounds */
export function wholeNumberOption(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < least || value > most) {
    throw usageError(`${option} takes a whole number from ${least} to ${most}.`);
  }
  return value;
}
