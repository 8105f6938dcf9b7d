// The keys of contents, for stores: a key goes in and never comes out.
import { Body, Controller, Get, Headers, Param, Put, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { contentKeyAnswer, markVersion, type ContentKeyAnswer } from './catalog.answers.js';
import { ContentKeyRequest, contentKeyOrder } from './content-key.request.js';
import { ContentKeysService } from './content-keys.service.js';
import { ContentPath } from './content.request.js';
import { ContentsService } from './contents.service.js';
import { versionCheck } from './version-tag.js';
import { Operation } from '../openapi/operation.js';
import { GET_CONTENT_KEY, PUT_CONTENT_KEY } from './content-keys.openapi.js';

@Controller('v1/admin/contents/:contentId/key')
@RequiresScope('catalog:write')
export class ContentKeysController {
  constructor(
    private readonly contents: ContentsService,
    private readonly keys: ContentKeysService,
  ) {}

  @Get()
  @Operation(GET_CONTENT_KEY)
  async get(
    @Param() { contentId }: ContentPath,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ContentKeyAnswer> {
    const { key, version } = await this.contents.get(contentId);
    markVersion(reply, version);
    return contentKeyAnswer(key);
  }

  @Put()
  @Operation(PUT_CONTENT_KEY)
  async put(
    @Param() { contentId }: ContentPath,
    @Body() body: ContentKeyRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ContentKeyAnswer> {
    const check = versionCheck(ifMatch);
    const { key, version } = await this.keys.put(contentId, contentKeyOrder(body), check);
    markVersion(reply, version);
    return contentKeyAnswer(key);
  }
}
