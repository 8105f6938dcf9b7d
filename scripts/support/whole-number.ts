// Reads a whole number from a command's arguments.

/** @throws Error naming the option, when it is no whole number within the bounds */
export function wholeNumber(
  option: string,
  text: string,
  { least, most, usage }: { least: number; most: number; usage: string },
): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
    throw new Error(`${option} takes a whole number from ${least} to ${most}. ${usage}`);
  }
  return value;
}
