// Moments as they are written: by stores in RFC 3339 with any offset, by the service in `Z`.

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** What to say of a text that is no such moment. */
export const MOMENT_RULE =
  'must be an RFC 3339 date-time, such as 2026-11-21T10:00:00Z, of the years 1970 to 9999, with seconds from 00 to 59';

const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The moment, to the millisecond; undefined for a text that is none, or one outside the years 1970 to 9999. */
export function parseMoment(text: string): Date | undefined {
  const parts = RFC_3339.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours, offsetMinutes] = parts;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // A day that its month does not have moves into the next one.
  if (new Date(date).getUTCDate() !== Number(day) || Number(month) > 12 || month === '00') return undefined;
  const time = (Number(hour) * 60 + Number(minute)) * 60_000 + Number(second) * 1000;
  const offset = sign === undefined ? 0 : (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const moment = date + time + milliseconds - (sign === '-' ? -offset : offset);
  return moment < 0 || moment > LAST ? undefined : new Date(moment);
}

/** A moment in whole seconds, rounded down, so that nothing is said to outlast its end. */
export function momentText(moment: Date): string {
  return `${moment.toISOString().slice(0, -5)}Z`;
}
