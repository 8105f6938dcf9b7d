// Rules of the catalogue's fields: each says in one message what a field must be, whatever is wrong with it.
import { ValidateBy } from 'class-validator';
import { MOMENT_RULE, parseMoment } from '../moment.js';

/** Under this key a rule holds what it means as a JSON schema, for the API's document. */
export const FIELD_SCHEMA = Symbol('field schema');

/** Any character but those that control a terminal. */
const PRINTABLE = String.raw`^[^\u0000-\u001f\u007f-\u009f]*$`;

/**
 * A field that passes a test; `message` completes "the field ...".
 * @param schema what the test means as a JSON schema, as far as one can say it
 */
export function Rule(
  name: string,
  test: (value: unknown) => boolean,
  message: string,
  schema: Readonly<Record<string, unknown>> = {},
): PropertyDecorator {
  const validator = { validate: test, defaultMessage: () => message };
  return ValidateBy({ name, constraints: [{ [FIELD_SCHEMA]: schema }], validator });
}

/** A text without control characters, which Postgres or a log would stumble over; lengths count code points. */
export function Text(least: number, most: number): PropertyDecorator {
  return Rule(
    'text',
    (value) => typeof value === 'string' && isPrintable(value) && isBetween([...value].length, least, most),
    `must be a text of ${least} to ${most} characters, without control characters`,
    { type: 'string', minLength: least, maxLength: most, pattern: PRINTABLE },
  );
}

/** A whole number between two bounds, both included. */
export function WholeNumber(least: number, most: number): PropertyDecorator {
  return Rule(
    'wholeNumber',
    (value) => Number.isInteger(value) && isBetween(Number(value), least, most),
    `must be a whole number from ${least} to ${most}`,
    { type: 'integer', minimum: least, maximum: most },
  );
}

/** A text of this many hex digits, of either case. */
export function Hex(digits: number): PropertyDecorator {
  return Rule(
    'hex',
    (value) => typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/i.test(value),
    `must be ${digits} hex digits`,
    { type: 'string', pattern: `^[0-9A-Fa-f]{${digits}}$` },
  );
}

/** An RFC 3339 date-time, as `parseMoment` reads it. */
export function Moment(): PropertyDecorator {
  return Rule('moment', (value) => typeof value === 'string' && parseMoment(value) !== undefined, MOMENT_RULE, {
    type: 'string',
    format: 'date-time',
  });
}

function isPrintable(text: string): boolean {
  return !/[\p{Control}\p{Surrogate}]/u.test(text);
}

function isBetween(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
