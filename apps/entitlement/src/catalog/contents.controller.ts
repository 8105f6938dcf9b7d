// The contents of the catalogue, for stores: unpack, call, answer.
import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { contentAnswer, markVersion, type ContentAnswer } from './catalog.answers.js';
import { CatalogPageQuery, readPage } from './catalog-page.query.js';
import { CONTENT_ID } from './content-id.js';
import type { ContentEntry } from './content-entry.js';
import { ContentPath, ContentRequest, contentValues } from './content.request.js';
import { ContentsService } from './contents.service.js';
import { versionCheck } from './version-tag.js';
import { Operation } from '../openapi/operation.js';
import { GET_CONTENT, LIST_CONTENTS, PUT_CONTENT } from './contents.openapi.js';

const BY_ID = { pattern: CONTENT_ID, of: ({ id }: ContentEntry) => id };

@Controller('v1/admin/contents')
@RequiresScope('catalog:write')
export class ContentsController {
  constructor(private readonly contents: ContentsService) {}

  @Get()
  @Operation(LIST_CONTENTS)
  async list(@Query() query: CatalogPageQuery): Promise<{ contents: ContentAnswer[]; nextCursor: string | null }> {
    const { items, nextCursor } = await readPage(query, BY_ID, (limit, after) => this.contents.list(limit, after));
    return { contents: items.map(contentAnswer), nextCursor };
  }

  @Get(':contentId')
  @Operation(GET_CONTENT)
  async get(
    @Param() { contentId }: ContentPath,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ContentAnswer> {
    const entry = await this.contents.get(contentId);
    markVersion(reply, entry.version);
    return contentAnswer(entry);
  }

  @Put(':contentId')
  @Operation(PUT_CONTENT)
  async put(
    @Param() { contentId }: ContentPath,
    @Body() body: ContentRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ContentAnswer> {
    const { entry, created } = await this.contents.put(contentId, contentValues(body), versionCheck(ifMatch));
    markVersion(reply, entry.version, created);
    return contentAnswer(entry);
  }
}
