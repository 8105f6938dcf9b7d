// Moments as they are sent: RFC 3339 in `Z`, in whole seconds. Cutting the fraction rounds down, so that nothing outlasts its end.

/** What is sent of a moment. */
export function momentText(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`;
}

/** The moment that is sent, in milliseconds. */
export function sentMs(moment: Date): number {
  return Math.floor(moment.getTime() / 1000) * 1000;
}
