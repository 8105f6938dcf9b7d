// Purchases as the API's document describes them: what the store sends, and what it is answered.
import { CONTENT_ID_FIELD } from '../catalog/catalog.fields.js';
import {
  type Json,
  moment,
  NamedSchema,
  nullable,
  objectOf,
  oneOf,
  type Schema,
  text,
  whole,
} from '../openapi/schema.js';
import { STORE_ID_SCHEMA } from '../store-ids.js';
import type { PurchaseEventAnswer } from './purchase.answers.js';
import { PURCHASE_TYPES, type PurchaseRecord, REVOCATION_REASONS } from './purchase-order.js';

/** The greatest number that JSON carries exactly everywhere. */
const VERSION = { minimum: 1, maximum: Number.MAX_SAFE_INTEGER };
const EXTERNAL_ID = text("The store's own id of the purchase; not `.` or `..`.", STORE_ID_SCHEMA);
const PERIOD_ENDS_AT = moment('The last moment of the rental, or to start it, as the deployment has it.');

const ORDER = {
  userId: text("The subject of the player's bearer token; not `*`.", STORE_ID_SCHEMA),
  contentId: CONTENT_ID_FIELD,
  purchasedAt: moment('When it was sold.'),
  version: whole("The store's version of this order: it grows with every change of it.", VERSION),
};
const SALE = {
  ...ORDER,
  type: { type: 'string', const: 'buy-to-own' },
  periodEndsAt: { type: 'null', description: 'For rentals only.' },
  playDurationSeconds: { type: 'null', description: 'For rentals only.' },
};
const RENTAL = {
  ...ORDER,
  type: { type: 'string', const: 'rental' },
  periodEndsAt: PERIOD_ENDS_AT,
  playDurationSeconds: whole('How long after the first play it may be played.', { minimum: 1, maximum: 2_147_483_647 }),
};

type Order = Json<Pick<PurchaseRecord, keyof typeof ORDER>> & { type: string };
type Sale = Order & { periodEndsAt?: null; playDurationSeconds?: null };
type Rental = Order & { periodEndsAt: string; playDurationSeconds: number };
type Line<T> = T & { externalId: string };

const closed = (schema: Schema): Schema => ({ ...schema, additionalProperties: false });
const NO_TERMS = ['periodEndsAt', 'playDurationSeconds'] as const;

/** What a `PUT` carries. */
export const PURCHASE_ORDER = new NamedSchema('PurchaseOrder', {
  description: 'A sale or a rental.',
  oneOf: [
    new NamedSchema('Sale', closed(objectOf<Sale>('Sold for good.', SALE, NO_TERMS))),
    new NamedSchema('Rental', closed(objectOf<Rental>('Rented out.', RENTAL))),
  ],
});

const ID = { externalId: EXTERNAL_ID };

/** What a line of a batch carries. */
export const PURCHASE_LINE = new NamedSchema('PurchaseLine', {
  description: 'A sale or a rental, with its id.',
  oneOf: [
    closed(objectOf<Line<Sale>>('Sold for good.', { ...ID, ...SALE }, NO_TERMS)),
    closed(objectOf<Line<Rental>>('Rented out.', { ...ID, ...RENTAL })),
  ],
});

/** A purchase as it stands. */
export const PURCHASE = new NamedSchema(
  'Purchase',
  objectOf<Json<PurchaseRecord>>('A purchase: what the store said last, and what has become of it.', {
    id: text("The service's own id; the ledger has it.", { format: 'uuid' }),
    externalId: EXTERNAL_ID,
    ...ORDER,
    type: oneOf('Sold or rented.', PURCHASE_TYPES),
    periodEndsAt: nullable(PERIOD_ENDS_AT),
    playDurationSeconds: nullable(whole('How long after the first play it may be played.', { minimum: 1 })),
    firstPlayAt: nullable(moment("When the rental's first token was issued.")),
    firstPlayResetId: nullable(text('The id of the last reset of the first play.')),
    revokedAt: nullable(moment('When it was taken back; null while it stands.')),
    revocationReason: nullable(oneOf('Why it was taken back.', REVOCATION_REASONS)),
    revocationVersion: whole('The version of the last revocation or reinstatement; 0 without one.', { minimum: 0 }),
  }),
);

/** What became of an event, of those outcomes. */
export function eventAnswerSchema(name: string, outcomes: readonly PurchaseEventAnswer['outcome'][]): NamedSchema {
  const early = outcomes.includes('early');
  const purchase = early ? { description: 'Null while there is none.', anyOf: [PURCHASE, { type: 'null' }] } : PURCHASE;
  return new NamedSchema(
    name,
    objectOf<Json<PurchaseEventAnswer>>('What became of the event, and the purchase as it is now.', {
      externalId: EXTERNAL_ID,
      outcome: oneOf('What became of the event.', outcomes),
      purchase,
    }),
  );
}

/** A rental. */
export const EXAMPLE: Json<PurchaseRecord> = {
  id: 'd7698273-e498-41bd-a892-731a389b85fe',
  externalId: 'order-1001',
  userId: 'frank',
  contentId: 'sintel',
  type: 'rental',
  periodEndsAt: '2036-12-21T10:00:00.000Z',
  playDurationSeconds: 172_800,
  purchasedAt: '2026-11-21T10:00:00.000Z',
  version: 1,
  firstPlayAt: null,
  firstPlayResetId: null,
  revokedAt: null,
  revocationReason: null,
  revocationVersion: 0,
};

/** The order that made it. */
export const EXAMPLE_ORDER: Rental = {
  userId: 'frank',
  contentId: 'sintel',
  type: 'rental',
  version: 1,
  purchasedAt: '2026-11-21T10:00:00Z',
  periodEndsAt: '2036-12-21T10:00:00Z',
  playDurationSeconds: 172_800,
};
