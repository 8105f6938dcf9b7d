// Rules of fields, for all that comes from stores and players: each says in one message what a field must be, whatever is wrong
// with it, and means the same in the API's document.
import { applyDecorators } from '@nestjs/common';
import { ValidateBy } from 'class-validator';
import { MOMENT_RULE, parseMoment } from './moment.js';
import { type JsonSchema, Schema } from './openapi/documentation.js';

/** Any character but those that control a terminal, as every reader of patterns knows them. */
const PRINTABLE = String.raw`[^\u0000-\u001f\u007f-\u009f]`;

/** Those, and halves of characters, are what Postgres or a log would stumble over. */
const UNPRINTABLE = /[\p{Control}\p{Surrogate}]/u;

/**
 * A field that passes a test; `message` completes "the field ...".
 * @param schema what the test means as a JSON schema, as far as one can say it
 */
export function Rule(
  name: string,
  test: (value: unknown) => boolean,
  message: string,
  schema: JsonSchema = {},
): PropertyDecorator {
  return applyDecorators(
    Schema(schema),
    ValidateBy({ name, validator: { validate: test, defaultMessage: () => message } }),
  );
}

/** A text without control characters; lengths count code points. */
export function Text(least: number, most: number): PropertyDecorator {
  return Rule(
    'text',
    (value) => isText(value, least, most),
    `must be a text of ${least} to ${most} characters, without control characters`,
    { minLength: least, maxLength: most, pattern: `^${PRINTABLE}*$` },
  );
}

/** An id of the store's own. `.` and `..` have no address: whoever follows an address takes them for steps in it. */
export function ExternalId(): PropertyDecorator {
  return StoreId((id) => id !== '.' && id !== '..', '. or ..');
}

/** A user. `*` is none: who writes it means everybody, and a purchase is of one. */
export function UserId(): PropertyDecorator {
  return StoreId((id) => id !== '*', '*');
}

/** An integer between two bounds, both included. */
export function Integer(least: number, most: number): PropertyDecorator {
  return Rule(
    'integer',
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
    `must be a whole number from ${least} to ${most}`,
    { minimum: least, maximum: most },
  );
}

/** A text that a pattern describes. */
export function Pattern(pattern: RegExp, message: string, more: JsonSchema = {}): PropertyDecorator {
  const test = (value: unknown) => typeof value === 'string' && pattern.test(value);
  return Rule('pattern', test, message, { pattern: pattern.source, ...more });
}

/** A text of this many hex digits, of either case. */
export function Hex(digits: number): PropertyDecorator {
  return Pattern(new RegExp(`^[0-9A-Fa-f]{${digits}}$`), `must be ${digits} hex digits`);
}

/** An RFC 3339 date-time, as `parseMoment` reads it. */
export function Moment(): PropertyDecorator {
  return Rule('moment', (value) => typeof value === 'string' && parseMoment(value) !== undefined, MOMENT_RULE, {
    format: 'date-time',
  });
}

/** Whether a text can be the id of a user. */
export function isUserId(text: string): boolean {
  return text !== '*' && isText(text, 1, 255);
}

function StoreId(test: (id: string) => boolean, others: string): PropertyDecorator {
  return Rule(
    'storeId',
    (value) => isText(value, 1, 255) && test(value),
    `must be a text of 1 to 255 characters, without control characters, and not ${others}`,
    { pattern: `^${PRINTABLE}{1,255}$` },
  );
}

function isText(value: unknown, least: number, most: number): value is string {
  if (typeof value !== 'string' || UNPRINTABLE.test(value)) return false;
  // There are never fewer code units than code points, and counting those takes a list of them.
  const length = least <= 1 && value.length <= most ? value.length : [...value].length;
  return length >= least && length <= most;
}
