// Orders as stores send them, by a PUT or as lines of a batch: one set of rules for both.
import { Allow, IsIn, validateSync } from 'class-validator';
import { type FieldError, fieldErrors } from '@app/platform/problems';
import { CONTENT_ID, CONTENT_ID_RULE } from '../catalog/content.js';
import { ExternalId, Integer, Moment, Pattern, Rule, UserId } from '../field-rules.js';
import { parseMoment } from '../moment.js';
import { Schema } from '../openapi/documentation.js';
import type { OrderTerms, PurchaseOrder } from './purchase.js';

/** What is sold either way. */
class Order {
  /** The subject of the player's bearer token; not `*`. */
  @UserId()
  userId!: string;

  /** The title. */
  @Pattern(CONTENT_ID, CONTENT_ID_RULE)
  contentId!: string;

  /** When it was sold. */
  @Moment()
  purchasedAt!: string;

  /** The store's version of this order: it grows with every change of it. */
  @Integer(1, Number.MAX_SAFE_INTEGER)
  version!: number;
}

const ForRentalsOnly = (): PropertyDecorator =>
  Rule('rentalsOnly', (value) => value === undefined || value === null, 'is for rentals only', { type: 'null' });

@Schema({ description: 'Sold for good.' })
export class Sale extends Order {
  @Allow()
  @Schema({ const: 'buy-to-own' })
  type!: string;

  /** For rentals only. */
  @ForRentalsOnly()
  periodEndsAt?: null;

  /** For rentals only. */
  @ForRentalsOnly()
  playDurationSeconds?: null;
}

@Schema({ description: 'Rented out.' })
export class Rental extends Order {
  @Allow()
  @Schema({ const: 'rental' })
  type!: string;

  /** The last moment of the rental, or to start it, as the deployment has it. */
  @Moment()
  periodEndsAt!: string;

  /** How long after the first play it may be played. What the database's integer holds is 68 years. */
  @Integer(1, 2_147_483_647)
  playDurationSeconds!: number;
}

/** What a `PUT` carries. */
@Schema({ name: 'PurchaseOrder', description: 'A sale or a rental.', oneOf: [Sale, Rental] })
export abstract class SaleOrRental {}

@Schema({ inline: true, description: 'Sold for good.' })
class SaleLine extends Sale {
  /** The store's own id of the purchase; not `.` or `..`. */
  @ExternalId()
  externalId!: string;
}

@Schema({ inline: true, description: 'Rented out.' })
class RentalLine extends Rental {
  /** The store's own id of the purchase; not `.` or `..`. */
  @ExternalId()
  externalId!: string;
}

/** What a line of a batch carries. */
@Schema({ description: 'A sale or a rental, with its id.', oneOf: [SaleLine, RentalLine] })
export abstract class PurchaseLine {}

/** A line that says neither: what its terms must be is not known. */
class UnknownLine extends Order {
  @ExternalId()
  externalId!: string;

  @IsIn(['buy-to-own', 'rental'], { message: 'must be one of buy-to-own, rental' })
  type!: string;

  @Allow()
  periodEndsAt: unknown;

  @Allow()
  playDurationSeconds: unknown;
}

/** The order, or everything that is wrong with it, and the id where that at least is right. */
export type ReadOrder = { order: PurchaseOrder } | { errors: FieldError[]; externalId?: string };

// The names of unknown fields come from the caller, and so does their number.
const MAX_ERRORS = 20;
// A line that is right is all that a million of them are: nothing is kept for messages that are never written.
const CLOSED = { whitelist: true, forbidNonWhitelisted: true, validationError: { target: false, value: false } };
// Fields that are not known come first.
const FIELDS = ['externalId', ...Object.keys(new Rental())];
const byField = (one: FieldError, other: FieldError) => FIELDS.indexOf(one.field) - FIELDS.indexOf(other.field);
const NO_OBJECT: FieldError = { field: '', message: 'must be a JSON object' };

/** Reads the body of a PUT, whose path has the external id. */
export function readOrderBody(externalId: string, body: unknown): ReadOrder {
  if (!isObject(body)) return { errors: [NO_OBJECT] };
  if ('externalId' in body) return { errors: [{ field: 'externalId', message: 'is not a known field' }] };
  return readOrder({ ...body, externalId });
}

/** Reads a line of a batch: the same fields, and `externalId`. */
export function readOrder(value: unknown): ReadOrder {
  if (!isObject(value)) return { errors: [NO_OBJECT] };
  const line = Object.assign(emptyLine(value.type), value);
  const errors = fieldErrors(validateSync(line, CLOSED)).toSorted(byField).slice(0, MAX_ERRORS);
  const { externalId, userId, contentId, version } = line;
  if (errors.length > 0 || line instanceof UnknownLine) {
    return { errors, ...(errors.some(({ field }) => field === 'externalId') ? {} : { externalId }) };
  }
  return {
    order: { externalId, userId, contentId, purchasedAt: momentOf(line.purchasedAt), version, ...termsOf(line) },
  };
}

function emptyLine(type: unknown): SaleLine | RentalLine | UnknownLine {
  if (type === 'rental') return new RentalLine();
  return type === 'buy-to-own' ? new SaleLine() : new UnknownLine();
}

function termsOf(line: SaleLine | RentalLine): OrderTerms {
  if (line instanceof SaleLine) return { type: 'buy-to-own', periodEndsAt: null, playDurationSeconds: null };
  const { periodEndsAt, playDurationSeconds } = line;
  return { type: 'rental', periodEndsAt: momentOf(periodEndsAt), playDurationSeconds };
}

/** Of a text that is one. */
function momentOf(text: string): Date {
  return parseMoment(text) as Date;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
