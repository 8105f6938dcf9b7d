// GET /v1/entitlements and GET /v1/entitlements/{contentId}: what the caller may play now.
import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CurrentUser, User } from '../auth/user.js';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { CONTENT_ID } from '../catalog/content.js';
import { Operation, page, Tag } from '../openapi/documentation.js';
import { readCursor, writeCursor } from '../pages.js';
import {
  EitherAnswer,
  type EntitlementAnswer,
  EntitlementPath,
  EntitlementsPage,
  EntitlementsQuery,
} from './entitlements.dto.js';
import { EntitlementsService } from './entitlements.service.js';

const STARTED = {
  type: 'rental',
  endsAt: '2026-11-23T10:00:00Z',
  playDurationSeconds: 86_400,
  started: true,
  firstPlayAt: '2026-11-21T10:00:00Z',
};
const OWNED = { type: 'buy-to-own', endsAt: null, playDurationSeconds: null, started: false };

@Controller('v1/entitlements')
@RequiresScope('playback')
@Tag('Entitlements')
export class EntitlementsController {
  constructor(private readonly entitlements: EntitlementsService) {}

  /**
   * List what may be played
   * @remarks The titles that the caller may play now: those they own, and live rentals. No token is spent and no clock is started. Ask
   * until `nextCursor` is null.
   */
  @Get()
  @Operation({
    answers: page(
      {
        entitlements: [{ contentId: 'sintel', title: 'Sintel', entitled: true, rights: STARTED }],
        nextCursor: 'c2ludGVs',
      },
      'A page that another one follows',
    ),
    problems: ['overloaded'],
  })
  async listEntitlements(
    @CurrentUser() user: User,
    @Query() { cursor, limit }: EntitlementsQuery,
    @Req() { budget }: FastifyRequest,
  ): Promise<EntitlementsPage> {
    const after = cursor === undefined ? undefined : readCursor(cursor, CONTENT_ID);
    const { titles, continueAfter } = await this.entitlements.list(user.id, limit, after, budget);
    return { entitlements: titles, nextCursor: continueAfter === null ? null : writeCursor(continueAfter) };
  }

  /**
   * See whether a title may be played
   * @remarks Whether the caller may play the title now. No token is spent and no clock is started.
   */
  @Get(':contentId')
  @Operation({
    answers: {
      200: {
        description: 'Yes or no.',
        schema: EitherAnswer,
        examples: {
          bought: { summary: 'Bought', value: { contentId: 'sintel', entitled: true, rights: OWNED } },
          rented: { summary: 'Rented, and started', value: { contentId: 'sintel', entitled: true, rights: STARTED } },
          denied: {
            summary: 'Rented, and over',
            value: { contentId: 'sintel', entitled: false, reason: 'rental-period-ended' },
          },
        },
      },
    },
    problems: ['content-not-found', 'overloaded'],
  })
  getEntitlement(
    @CurrentUser() user: User,
    @Param() { contentId }: EntitlementPath,
    @Req() { budget }: FastifyRequest,
  ): Promise<EntitlementAnswer> {
    return this.entitlements.find(user.id, contentId, budget);
  }
}
