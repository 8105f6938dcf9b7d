// GET /v1/entitlements and below, for the API's document.
import { CONTENT_ID_FIELD } from '../catalog/catalog.fields.js';
import { json, type OperationDescription } from '../openapi/operation.js';
import {
  flag,
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
import type { EntitlementAnswer, GrantedAnswer } from './entitlement-answer.js';
import { DENIAL_REASONS } from './entitlement.rules.js';
import type { PlayableTitle } from './entitlements.service.js';
import type { StandingRights } from './entitlement-answer.js';

type DeniedAnswer = Extract<EntitlementAnswer, { entitled: false }>;

const RIGHTS = new NamedSchema(
  'StandingRights',
  objectOf<StandingRights>(
    'What the purchase allows as it stands.',
    {
      type: oneOf('Bought or rented.', PURCHASE_TYPES),
      endsAt: nullable(
        moment('When a started rental ends, or until when one that is not may be started; null for what was bought.'),
      ),
      playDurationSeconds: nullable(
        whole('Seconds left of a started rental, or those that one will have once it is started.', { minimum: 1 }),
      ),
      started: flag("Whether a rental's clock runs."),
      firstPlayAt: moment('When it was started; absent if it was not.'),
    },
    ['firstPlayAt'],
  ),
);

const GRANTED = new NamedSchema(
  'Entitled',
  objectOf<GrantedAnswer>('The caller may play the title now.', {
    contentId: CONTENT_ID_FIELD,
    entitled: { const: true, type: 'boolean' },
    rights: RIGHTS,
  }),
);

const DENIED = new NamedSchema(
  'NotEntitled',
  objectOf<DeniedAnswer>('The caller may not play the title now.', {
    contentId: CONTENT_ID_FIELD,
    entitled: { const: false, type: 'boolean' },
    reason: oneOf('Of several reasons the one closest to being entitled.', DENIAL_REASONS),
  }),
);

const ENTITLEMENT = new NamedSchema('Entitlement', {
  description: 'Whether the caller may play the title now, with what rights, or why not.',
  oneOf: [GRANTED, DENIED],
});

const PLAYABLE_TITLE = new NamedSchema(
  'PlayableTitle',
  objectOf<PlayableTitle>('A title that the caller may play now.', {
    contentId: CONTENT_ID_FIELD,
    title: text('The name of the title, for people.'),
    entitled: { const: true, type: 'boolean' },
    rights: RIGHTS,
  }),
);

const PAGE = pageOf(
  'EntitlementsPage',
  'A page of titles, by content id.',
  'entitlements',
  listOf(PLAYABLE_TITLE, 'There may be fewer than `limit`, even none, and another page.'),
);

const STARTED: StandingRights = {
  type: 'rental',
  endsAt: '2026-11-23T10:00:00Z',
  playDurationSeconds: 86_400,
  started: true,
  firstPlayAt: '2026-11-21T10:00:00Z',
};
const OWNED: StandingRights = { type: 'buy-to-own', endsAt: null, playDurationSeconds: null, started: false };

export const LIST_ENTITLEMENTS: OperationDescription = {
  id: 'listEntitlements',
  tag: 'Entitlements',
  summary: 'List what may be played',
  description:
    'The titles that the caller may play now: those they own, and live rentals. No token is spent and no clock is started. Ask until `nextCursor` is null.',
  answers: {
    200: {
      description: 'A page.',
      content: json(PAGE, {
        page: {
          summary: 'A page that another one follows',
          value: {
            entitlements: [{ contentId: 'sintel', title: 'Sintel', entitled: true, rights: STARTED }],
            nextCursor: 'c2ludGVs',
          },
        },
      }),
    },
  },
  problems: ['overloaded'],
};

export const GET_ENTITLEMENT: OperationDescription = {
  id: 'getEntitlement',
  tag: 'Entitlements',
  summary: 'See whether a title may be played',
  description: 'Whether the caller may play the title now. No token is spent and no clock is started.',
  answers: {
    200: {
      description: 'Yes or no.',
      content: json(ENTITLEMENT, {
        bought: { summary: 'Bought', value: { contentId: 'sintel', entitled: true, rights: OWNED } },
        rented: { summary: 'Rented, and started', value: { contentId: 'sintel', entitled: true, rights: STARTED } },
        denied: {
          summary: 'Rented, and over',
          value: { contentId: 'sintel', entitled: false, reason: 'rental-period-ended' },
        },
      }),
    },
  },
  problems: ['content-not-found', 'overloaded'],
};
