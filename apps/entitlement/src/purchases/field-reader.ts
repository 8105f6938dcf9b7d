// Takes fields out of a JSON object one by one, and collects what is wrong with them.
import type { FieldError } from '@app/platform/problems';
import { MOMENT_RULE, parseMoment } from '../moment.js';

// The names of unknown fields come from the caller, and so does their number.
const MAX_NAME_LENGTH = 100;
const MAX_ERRORS = 20;

/** Each method answers with the value, or with undefined and one more of `errors`, which never repeat a value. */
export class FieldReader {
  readonly errors: FieldError[] = [];

  constructor(private readonly object: Readonly<Record<string, unknown>>) {}

  wrong(field: string, message: string): undefined {
    if (this.errors.length < MAX_ERRORS) this.errors.push({ field: field.slice(0, MAX_NAME_LENGTH), message });
  }

  /** Refuses every field that is not among these. */
  only(known: ReadonlySet<string>): void {
    for (const name of Object.keys(this.object)) if (!known.has(name)) this.wrong(name, 'is not a known field');
  }

  text(field: string, pattern: RegExp, rule: string): string | undefined {
    const value = this.object[field];
    return typeof value === 'string' && pattern.test(value) ? value : this.wrong(field, rule);
  }

  oneOf<T extends string>(field: string, words: readonly T[]): T | undefined {
    const value = this.object[field];
    return words.find((word) => word === value) ?? this.wrong(field, `must be one of ${words.join(', ')}`);
  }

  moment(field: string): Date | undefined {
    const value = this.object[field];
    return (typeof value === 'string' ? parseMoment(value) : undefined) ?? this.wrong(field, MOMENT_RULE);
  }

  /** A whole number from 1. */
  count(field: string, most: number): number | undefined {
    const value = this.object[field];
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
    return fits ? value : this.wrong(field, `must be a whole number from 1 to ${most}`);
  }

  /** A field that must be absent, or null. */
  none(field: string, message: string): null {
    const value = this.object[field];
    if (value !== undefined && value !== null) this.wrong(field, message);
    return null;
  }
}
