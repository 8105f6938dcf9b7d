// Purchases one by one, for stores and for customer support: unpack, call, answer.
import { Body, Controller, Get, HttpCode, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { User } from '../auth/user.js';
import { eventAnswer, type PurchaseEventAnswer } from './purchase.answers.js';
import { FirstPlayResetRequest, PurchasePath, ReinstatementRequest, RevocationRequest } from './purchase.requests.js';
import { parseMoment } from '../moment.js';
import type { PurchaseRecord } from './purchase-order.js';
import { readOrderBody } from './purchase-order.reader.js';
import { PurchasesService, type EventAnswer } from './purchases.service.js';
import { Operation } from '../openapi/operation.js';
import {
  GET_PURCHASE,
  PUT_PURCHASE,
  REINSTATE_PURCHASE,
  RESET_FIRST_PLAY,
  REVOKE_PURCHASE,
} from './purchases.openapi.js';

@Controller('v1/admin/purchases/:externalId')
@RequiresScope('purchases:write')
export class PurchasesController {
  constructor(private readonly purchases: PurchasesService) {}

  @Get()
  @Operation(GET_PURCHASE)
  get(@Param() { externalId }: PurchasePath): Promise<PurchaseRecord> {
    return this.purchases.get(externalId);
  }

  @Put()
  @Operation(PUT_PURCHASE)
  async put(
    @Param() { externalId }: PurchasePath,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PurchaseEventAnswer> {
    const answer = await this.purchases.put(readOrderBody(externalId, body));
    void reply.status(answer.outcome === 'created' ? 201 : 200);
    return eventAnswer(externalId, answer);
  }

  @Post('revocation')
  @Operation(REVOKE_PURCHASE)
  async revoke(
    @Param() { externalId }: PurchasePath,
    @Body() { version, reason, revokedAt }: RevocationRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PurchaseEventAnswer> {
    const moment = revokedAt == null ? undefined : parseMoment(revokedAt);
    const answer = await this.purchases.revoke({ externalId, version, reason, revokedAt: moment });
    return accepted(reply, externalId, answer);
  }

  @Post('reinstatement')
  @Operation(REINSTATE_PURCHASE)
  async reinstate(
    @Param() { externalId }: PurchasePath,
    @Body() { version }: ReinstatementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PurchaseEventAnswer> {
    return accepted(reply, externalId, await this.purchases.revoke({ externalId, version, reason: null }));
  }

  @Post('first-play-reset')
  @Operation(RESET_FIRST_PLAY)
  @HttpCode(200)
  async resetFirstPlay(
    @CurrentUser() user: User,
    @Param() { externalId }: PurchasePath,
    @Body() { id, reason }: FirstPlayResetRequest,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<PurchaseEventAnswer> {
    const reset = { externalId, id, reason, actor: user.id, requestId };
    return eventAnswer(externalId, await this.purchases.resetFirstPlay(reset));
  }
}

/** 202 as long as the event waits for its purchase. */
function accepted(reply: FastifyReply, externalId: string, answer: EventAnswer): PurchaseEventAnswer {
  void reply.status(answer.purchase === undefined ? 202 : 200);
  return eventAnswer(externalId, answer);
}
