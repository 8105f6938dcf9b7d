// GET /v1/admin/issuances, for the API's document.
import { CONTENT_ID_FIELD } from '../catalog/catalog.fields.js';
import { DRMS } from '../catalog/drm.js';
import { ISSUANCE_ID } from '../openapi/headers.js';
import { json, type OperationDescription } from '../openapi/operation.js';
import {
  flag,
  type Json,
  listOf,
  moment,
  NamedSchema,
  nullable,
  objectOf,
  oneOf,
  pageOf,
  text,
  whole,
} from '../openapi/schema.js';
import { PURCHASE_TYPES } from '../purchases/purchase-order.js';
import { REFUSALS } from './issuance.js';
import { LEDGER_DECISIONS, type LedgerEntry } from './ledger-reader.repository.js';

type Row = Json<LedgerEntry>;

const ISSUANCE = new NamedSchema(
  'Issuance',
  objectOf<Row>('A row of the ledger: who asked for what, what was decided and why, what ExpressPlay said.', {
    id: ISSUANCE_ID,
    userId: text('Who asked: the subject of the bearer token.'),
    contentId: CONTENT_ID_FIELD,
    purchase: nullable(text("The store's order id of the purchase that decided.")),
    drm: nullable(oneOf('The DRM; null for a reset of a first play.', DRMS)),
    offline: flag('Whether a licence to keep was asked for.'),
    decision: oneOf('What was decided.', LEDGER_DECISIONS),
    reason: nullable(oneOf('Why not; null when granted, and for resets.', Object.keys(REFUSALS))),
    rightsType: nullable(oneOf('The kind of right; null when denied.', PURCHASE_TYPES)),
    rightsEndAt: nullable(moment('When the rights end.')),
    playDurationSeconds: nullable(whole('Seconds to play.')),
    persistent: nullable(flag('Whether the licence may be stored.')),
    tokenExpiresAt: nullable(moment('Until when the token could be redeemed.')),
    firstPlay: flag("Whether this token started the rental's clock."),
    expressPlayCode: nullable(whole('The event code ExpressPlay refused with.')),
    requestId: text('The id of the request, as the log has it.'),
    decidedAt: moment('When it was decided.'),
    durationMs: whole('From the decision to the ledger, in milliseconds.', { minimum: 0 }),
    actor: nullable(text('Who took a first play back.')),
    note: nullable(text('Why a first play was taken back.')),
  }),
);

const PAGE = pageOf(
  'IssuancesPage',
  'A page of the ledger, the newest row first.',
  'issuances',
  listOf(ISSUANCE, 'The rows.'),
);

const GRANTED: Row = {
  id: '5f0c9a52e1f24c6f8f0e4d5a7b3c2d10',
  userId: 'bob',
  contentId: 'sintel',
  purchase: 'order-1001',
  drm: 'playready',
  offline: false,
  decision: 'granted',
  reason: null,
  rightsType: 'rental',
  rightsEndAt: '2026-11-23T10:00:00.000Z',
  playDurationSeconds: 172_800,
  persistent: true,
  tokenExpiresAt: '2026-11-21T10:05:00.000Z',
  firstPlay: true,
  expressPlayCode: null,
  requestId: '0b8f6a1e-6c1d-4f6e-9a55-2f0f8f5f9f43',
  decidedAt: '2026-11-21T10:00:00.000Z',
  durationMs: 41,
  actor: null,
  note: null,
};

export const LIST_ISSUANCES: OperationDescription = {
  id: 'listIssuances',
  tag: 'Ledger',
  summary: 'Read the ledger',
  description: 'The rows that meet all of what is given, the newest first. Ask until `nextCursor` is null.',
  answers: {
    200: {
      description: 'A page.',
      content: json(PAGE, { page: { summary: 'A token', value: { issuances: [GRANTED], nextCursor: null } } }),
    },
  },
};
