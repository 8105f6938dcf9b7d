// Moments as they are written: by stores in RFC 3339 with any offset, by the service in `Z`.

const RFC_3339 =
  /^(\d{4}-(?:0[1-9]|1[0-2])-\d\d)[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** What to say of a text that is no such moment. */
export const MOMENT_RULE =
  'must be an RFC 3339 date-time, such as 2026-11-21T10:00:00Z, of the years 1970 to 9999, with seconds from 00 to 59';

const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The moment, to the millisecond; undefined for a text that is none, or one outside the years 1970 to 9999. */
export function parseMoment(text: string): Date | undefined {
  const [, day] = RFC_3339.exec(text) ?? [];
  // A day that its month does not have moves into the next one.
  if (day === undefined || new Date(day).getUTCDate() !== Number(day.slice(-2))) return undefined;
  const moment = new Date(text.toUpperCase());
  return moment.getTime() < 0 || moment.getTime() > LAST ? undefined : moment;
}

/** A moment in whole seconds, rounded down, so that nothing is said to outlast its end. */
export function momentText(moment: Date): string {
  return `${moment.toISOString().slice(0, -5)}Z`;
}
