// Purchases one by one, for stores and for customer support: unpack, call, answer.
import { Body, Controller, Get, HttpCode, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser, User } from '../auth/user.js';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { parseMoment } from '../moment.js';
import { Operation, Tag } from '../openapi/documentation.js';
import { EXAMPLE_ORDER, EXAMPLE_PURCHASE } from './purchase.examples.js';
import { readOrderBody, SaleOrRental } from './purchase-orders.dto.js';
import {
  type EventAnswer,
  FirstPlayResetAnswer,
  FirstPlayResetRequest,
  OrderAnswer,
  PurchaseAnswer,
  PurchaseEventAnswer,
  PurchasePath,
  ReinstatementRequest,
  RevocationRequest,
} from './purchases.dto.js';
import { PurchasesService, type EventOutcome } from './purchases.service.js';

function example(summary: string, outcome: EventAnswer['outcome'], changes: object = {}) {
  const purchase = { ...EXAMPLE_PURCHASE, ...changes };
  return { summary, value: { externalId: purchase.externalId, outcome, purchase } };
}

const EARLY = {
  description: 'The purchase is not there yet; the event is kept, and the purchase will be so from its first moment.',
  schema: PurchaseEventAnswer,
  examples: {
    early: { summary: 'Before its purchase', value: { externalId: 'order-1001', outcome: 'early', purchase: null } },
  },
};

@Controller('v1/admin/purchases/:externalId')
@RequiresScope('purchases:write')
@Tag('Purchases')
export class PurchasesController {
  constructor(private readonly purchases: PurchasesService) {}

  /**
   * Read a purchase
   * @remarks The purchase as it stands.
   */
  @Get()
  @Operation({
    answers: {
      200: {
        description: 'The purchase.',
        examples: { rental: { summary: 'A rental', value: EXAMPLE_PURCHASE } },
      },
    },
    problems: ['purchase-not-found'],
  })
  getPurchase(@Param() { externalId }: PurchasePath): Promise<PurchaseAnswer> {
    return this.purchases.get(externalId);
  }

  /**
   * Record a sale or a rental, or a change of it
   * @remarks Events may come late, twice and in any order; `version` puts them right. `outcome` is `created`, `updated`, `unchanged`
   * (the same version with the same content) or `stale` (a lower version). The same version with other content is 409, and so is
   * another user, title or type for a rental that has been started. A first play is never touched.
   */
  @Put()
  @Operation({
    body: {
      description: 'The order.',
      schema: SaleOrRental,
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
        schema: OrderAnswer,
        examples: { unchanged: example('Sent a second time', 'unchanged') },
      },
      201: {
        description: 'The purchase is new, and can be played at once.',
        schema: OrderAnswer,
        examples: { created: example('A rental', 'created') },
      },
    },
    problems: ['version-conflict'],
  })
  async putPurchase(
    @Param() { externalId }: PurchasePath,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventAnswer> {
    const answer = await this.purchases.put(readOrderBody(externalId, body));
    void reply.status(answer.outcome === 'created' ? 201 : 200);
    return eventAnswer(externalId, answer);
  }

  /**
   * Take a purchase back
   * @remarks For a refund, say. Revocations and reinstatements of a purchase share one sequence of versions, which is not that of the
   * order. It holds from its arrival on; `revokedAt` is for the record.
   */
  @Post('revocation')
  @Operation({
    body: {
      description: 'The revocation.',
      examples: { refund: { summary: 'A refund', value: { version: 1, reason: 'refund' } } },
    },
    answers: {
      200: {
        description: 'What became of it.',
        schema: PurchaseEventAnswer,
        examples: {
          revoked: example('Taken back', 'updated', {
            revokedAt: '2026-11-22T09:30:00.000Z',
            revocationReason: 'refund',
            revocationVersion: 1,
          }),
        },
      },
      202: EARLY,
    },
    problems: ['version-conflict'],
  })
  async revokePurchase(
    @Param() { externalId }: PurchasePath,
    @Body() { version, reason, revokedAt }: RevocationRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventAnswer> {
    const moment = revokedAt == null ? undefined : parseMoment(revokedAt);
    const answer = await this.purchases.revoke({ externalId, version, reason, revokedAt: moment });
    return accepted(reply, externalId, answer);
  }

  /**
   * Give a purchase back
   * @remarks Undoes a revocation; a rental's first play stays what it was.
   */
  @Post('reinstatement')
  @Operation({
    body: {
      description: 'The reinstatement.',
      examples: { reinstatement: { summary: 'After a refund by mistake', value: { version: 2 } } },
    },
    answers: {
      200: {
        description: 'What became of it.',
        schema: PurchaseEventAnswer,
        examples: { reinstated: example('Given back', 'updated', { revocationVersion: 2 }) },
      },
      202: EARLY,
    },
    problems: ['version-conflict'],
  })
  async reinstatePurchase(
    @Param() { externalId }: PurchasePath,
    @Body() { version }: ReinstatementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventAnswer> {
    return accepted(reply, externalId, await this.purchases.revoke({ externalId, version, reason: null }));
  }

  /**
   * Take a rental's first play back
   * @remarks For customer support. The next token starts the rental's clock again; licences that were issued before keep what they
   * have. The same `id` resets a purchase once, however often it is sent. The ledger holds who did it, when and why.
   */
  @Post('first-play-reset')
  @Operation({
    body: {
      description: 'Who asks for it, and why.',
      examples: {
        ticket: { summary: 'A ticket', value: { id: 'ticket-4711', reason: 'The player crashed after a minute.' } },
      },
    },
    answers: {
      200: {
        description: 'What became of it.',
        schema: FirstPlayResetAnswer,
        examples: { reset: example('Taken back', 'updated', { firstPlayResetId: 'ticket-4711' }) },
      },
    },
    problems: ['purchase-not-found'],
  })
  @HttpCode(200)
  async resetFirstPlay(
    @CurrentUser() user: User,
    @Param() { externalId }: PurchasePath,
    @Body() { id, reason }: FirstPlayResetRequest,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<EventAnswer> {
    const reset = { externalId, id, reason, actor: user.id, requestId };
    return eventAnswer(externalId, await this.purchases.resetFirstPlay(reset));
  }
}

/** 202 as long as the event waits for its purchase. */
function accepted(reply: FastifyReply, externalId: string, answer: EventOutcome): EventAnswer {
  void reply.status(answer.purchase === undefined ? 202 : 200);
  return eventAnswer(externalId, answer);
}

function eventAnswer(externalId: string, { outcome, purchase }: EventOutcome): EventAnswer {
  return { externalId, outcome, purchase: purchase ?? null };
}
