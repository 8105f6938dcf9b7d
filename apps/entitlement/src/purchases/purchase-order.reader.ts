// Reads an order from JSON: one reader for the PUT and for every line of a batch, fast enough for millions of them.
import type { FieldError } from '@app/platform/problems';
import { CONTENT_ID, CONTENT_ID_RULE } from '../catalog/content-id.js';
import { EXTERNAL_ID, EXTERNAL_ID_RULE, USER_ID, USER_ID_RULE } from '../store-ids.js';
import { FieldReader } from './field-reader.js';
import { PURCHASE_TYPES, type OrderTerms, type PurchaseOrder } from './purchase-order.js';

/** The order, or everything that is wrong with it, and the id where that at least is right. */
export type ReadOrder = { order: PurchaseOrder } | { errors: FieldError[]; externalId?: string };

const FIELDS: ReadonlySet<string> = new Set([
  'externalId',
  'userId',
  'contentId',
  'type',
  'purchasedAt',
  'periodEndsAt',
  'playDurationSeconds',
  'version',
]);

/** Seconds: what the database's integer holds, 68 years. */
const MAX_PLAY_DURATION = 2_147_483_647;
// The rule as decorators want it begins with the field's name.
const TITLE_RULE = CONTENT_ID_RULE.replace(/^contentId /, '');
const RENTALS_ONLY = 'is for rentals only';

/** Reads the body of a PUT, whose path has the external id. */
export function readOrderBody(externalId: string, body: unknown): ReadOrder {
  if (!isObject(body)) return { errors: [NO_OBJECT] };
  if ('externalId' in body) return { errors: [{ field: 'externalId', message: 'is not a known field' }] };
  return readOrder({ ...body, externalId });
}

/** Reads a line of a batch: the same fields, and `externalId`. */
export function readOrder(value: unknown): ReadOrder {
  if (!isObject(value)) return { errors: [NO_OBJECT] };
  const fields = new FieldReader(value);
  fields.only(FIELDS);
  const externalId = fields.text('externalId', EXTERNAL_ID, EXTERNAL_ID_RULE);
  const userId = fields.text('userId', USER_ID, USER_ID_RULE);
  const contentId = fields.text('contentId', CONTENT_ID, TITLE_RULE);
  const purchasedAt = fields.moment('purchasedAt');
  const version = fields.count('version', Number.MAX_SAFE_INTEGER);
  const terms = readTerms(fields);
  const { errors } = fields;
  if (
    errors.length > 0 ||
    externalId === undefined ||
    userId === undefined ||
    contentId === undefined ||
    purchasedAt === undefined ||
    version === undefined ||
    terms === undefined
  ) {
    return { errors, externalId };
  }
  return { order: { externalId, userId, contentId, purchasedAt, version, ...terms } };
}

function readTerms(fields: FieldReader): OrderTerms | undefined {
  const type = fields.oneOf('type', PURCHASE_TYPES);
  if (type === undefined) return undefined;
  if (type === 'buy-to-own') {
    const periodEndsAt = fields.none('periodEndsAt', RENTALS_ONLY);
    return { type, periodEndsAt, playDurationSeconds: fields.none('playDurationSeconds', RENTALS_ONLY) };
  }
  const periodEndsAt = fields.moment('periodEndsAt');
  const playDurationSeconds = fields.count('playDurationSeconds', MAX_PLAY_DURATION);
  if (periodEndsAt === undefined || playDurationSeconds === undefined) return undefined;
  return { type, periodEndsAt, playDurationSeconds };
}

const NO_OBJECT: FieldError = { field: '', message: 'must be a JSON object' };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
