// GET /v1/entitlements and GET /v1/entitlements/{contentId}: what the caller may play now.
import { Controller, Get, Param, Query } from '@nestjs/common';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { User } from '../auth/user.js';
import type { EntitlementAnswer } from './entitlement-answer.js';
import { readCursor, writeCursor } from './entitlement-cursor.js';
import { EntitlementPath, EntitlementsQuery } from './entitlements.query.js';
import { EntitlementsService, type PlayableTitle } from './entitlements.service.js';
import { Operation } from '../openapi/operation.js';
import { GET_ENTITLEMENT, LIST_ENTITLEMENTS } from './entitlements.openapi.js';

/** A page of the list; `nextCursor` is null on the last one. */
interface EntitlementsPage {
  entitlements: PlayableTitle[];
  nextCursor: string | null;
}

@Controller('v1/entitlements')
@RequiresScope('playback')
export class EntitlementsController {
  constructor(private readonly entitlements: EntitlementsService) {}

  @Get()
  @Operation(LIST_ENTITLEMENTS)
  async list(@CurrentUser() user: User, @Query() { cursor, limit }: EntitlementsQuery): Promise<EntitlementsPage> {
    const after = cursor === undefined ? undefined : readCursor(cursor);
    const { titles, continueAfter } = await this.entitlements.list(user.id, limit, after);
    return { entitlements: titles, nextCursor: continueAfter === null ? null : writeCursor(continueAfter) };
  }

  @Get(':contentId')
  @Operation(GET_ENTITLEMENT)
  find(@CurrentUser() user: User, @Param() { contentId }: EntitlementPath): Promise<EntitlementAnswer> {
    return this.entitlements.find(user.id, contentId);
  }
}
