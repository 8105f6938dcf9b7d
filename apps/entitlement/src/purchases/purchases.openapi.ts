// The operations on single purchases, for the API's document.
import { json, type OperationDescription } from '../openapi/operation.js';
import { eventAnswerSchema, EXAMPLE, EXAMPLE_ORDER, PURCHASE, PURCHASE_ORDER } from './purchase.schemas.js';

const tag = 'Purchases';
const ORDER_ANSWER = eventAnswerSchema('OrderAnswer', ['created', 'updated', 'unchanged', 'stale']);
const EVENT_ANSWER = eventAnswerSchema('PurchaseEventAnswer', ['updated', 'unchanged', 'stale', 'early']);
const RESET_ANSWER = eventAnswerSchema('FirstPlayResetAnswer', ['updated', 'unchanged']);

const { externalId } = EXAMPLE;
const REVOKED = {
  ...EXAMPLE,
  revokedAt: '2026-11-22T09:30:00.000Z',
  revocationReason: 'refund',
  revocationVersion: 1,
};
const EARLY = {
  description: 'The purchase is not there yet; the event is kept, and the purchase will be so from its first moment.',
  content: json(EVENT_ANSWER, {
    early: { summary: 'Before its purchase', value: { externalId, outcome: 'early', purchase: null } },
  }),
};

export const GET_PURCHASE: OperationDescription = {
  id: 'getPurchase',
  tag,
  summary: 'Read a purchase',
  description: 'The purchase as it stands.',
  answers: {
    200: { description: 'The purchase.', content: json(PURCHASE, { rental: { summary: 'A rental', value: EXAMPLE } }) },
  },
  problems: ['purchase-not-found'],
};

export const PUT_PURCHASE: OperationDescription = {
  id: 'putPurchase',
  tag,
  summary: 'Tell of a sale or a rental, or of a change of it',
  description:
    'Events may come late, twice and in any order; `version` puts them right. `outcome` is `created`, `updated`, `unchanged` (the same version with the same content) or `stale` (a lower version). The same version with other content is 409, and so is another user, title or type for a rental that has been started. A first play is never touched.',
  body: {
    description: 'The order.',
    schema: PURCHASE_ORDER,
    examples: {
      rental: { summary: 'A rental', value: EXAMPLE_ORDER },
      sale: {
        summary: 'A sale',
        value: {
          userId: EXAMPLE_ORDER.userId,
          contentId: EXAMPLE_ORDER.contentId,
          type: 'buy-to-own',
          version: 1,
          purchasedAt: EXAMPLE_ORDER.purchasedAt,
        },
      },
    },
  },
  answers: {
    200: {
      description: 'The purchase was there.',
      content: json(ORDER_ANSWER, {
        unchanged: { summary: 'Told a second time', value: { externalId, outcome: 'unchanged', purchase: EXAMPLE } },
      }),
    },
    201: {
      description: 'The purchase is new, and can be played at once.',
      content: json(ORDER_ANSWER, {
        created: { summary: 'A rental', value: { externalId, outcome: 'created', purchase: EXAMPLE } },
      }),
    },
  },
  problems: ['version-conflict'],
};

export const REVOKE_PURCHASE: OperationDescription = {
  id: 'revokePurchase',
  tag,
  summary: 'Take a purchase back',
  description:
    'For a refund, say. Revocations and reinstatements of a purchase share one sequence of versions, which is not that of the order. It holds from its arrival on; `revokedAt` is for the record.',
  body: {
    description: 'The revocation.',
    examples: { refund: { summary: 'A refund', value: { version: 1, reason: 'refund' } } },
  },
  answers: {
    200: {
      description: 'What became of it.',
      content: json(EVENT_ANSWER, {
        revoked: { summary: 'Taken back', value: { externalId, outcome: 'updated', purchase: REVOKED } },
      }),
    },
    202: EARLY,
  },
  problems: ['version-conflict'],
};

export const REINSTATE_PURCHASE: OperationDescription = {
  id: 'reinstatePurchase',
  tag,
  summary: 'Give a purchase back',
  description: "Undoes a revocation; a rental's first play stays what it was.",
  body: {
    description: 'The reinstatement.',
    examples: { reinstatement: { summary: 'After a refund by mistake', value: { version: 2 } } },
  },
  answers: {
    200: {
      description: 'What became of it.',
      content: json(EVENT_ANSWER, {
        reinstated: {
          summary: 'Given back',
          value: { externalId, outcome: 'updated', purchase: { ...EXAMPLE, revocationVersion: 2 } },
        },
      }),
    },
    202: EARLY,
  },
  problems: ['version-conflict'],
};

export const RESET_FIRST_PLAY: OperationDescription = {
  id: 'resetFirstPlay',
  tag,
  summary: "Take a rental's first play back",
  description:
    "For customer support. The next token starts the rental's clock again; licences that were issued before keep what they have. The same `id` resets a purchase once, however often it is sent. The ledger holds who did it, when and why.",
  body: {
    description: 'Who asks for it, and why.',
    examples: {
      ticket: { summary: 'A ticket', value: { id: 'ticket-4711', reason: 'The player crashed after a minute.' } },
    },
  },
  answers: {
    200: {
      description: 'What became of it.',
      content: json(RESET_ANSWER, {
        reset: {
          summary: 'Taken back',
          value: { externalId, outcome: 'updated', purchase: { ...EXAMPLE, firstPlayResetId: 'ticket-4711' } },
        },
      }),
    },
  },
  problems: ['purchase-not-found'],
};
