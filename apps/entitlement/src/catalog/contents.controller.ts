// The contents of the catalogue and their keys, for stores: unpack, call, answer. A key goes in and never comes out.
import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { Operation, page, Tag } from '../openapi/documentation.js';
import { readPage } from '../pages.js';
import {
  CatalogPageQuery,
  ContentAnswer,
  contentAnswer,
  ContentKeyAnswer,
  contentKeyAnswer,
  contentKeyOrder,
  ContentKeyRequest,
  ContentPath,
  ContentRequest,
  ContentsPage,
  contentValues,
  firstKey,
} from './catalog.dto.js';
import { CONTENT_ID, type ContentEntry } from './content.js';
import { ContentKeysService } from './content-keys.service.js';
import { ContentsRepository } from './contents.repository.js';
import { markVersion, versionCheck } from './versions.js';

const BY_ID = { pattern: CONTENT_ID, of: ({ id }: ContentEntry) => id };

const SPRING = {
  id: 'spring',
  title: 'Spring',
  kid: '0d9c1b3a5e7f4a6b8c2d1e0f9a8b7c6d',
  iv: 'd5fbd6b82ed93e4ef98ae40931ee33b7',
  outputPolicy: 'hd',
  availableFrom: null,
  withdrawnAt: null,
  key: { source: null, kekId: null },
  version: 1,
};
const KEY_EXAMPLES = { wrapped: { summary: 'A wrapped key', value: { source: 'wrapped', kekId: 'demo' } } };
const CONTENT_EXAMPLES = { content: { summary: 'A title without a key', value: SPRING } };

@Controller('v1/admin/contents')
@RequiresScope('catalog:write')
@Tag('Catalogue')
export class ContentsController {
  constructor(
    private readonly contents: ContentsRepository,
    private readonly keys: ContentKeysService,
  ) {}

  /**
   * List the titles
   * @remarks All titles of the catalogue, by id. Ask until `nextCursor` is null.
   */
  @Get()
  @Operation({ answers: page({ contents: [SPRING], nextCursor: null }) })
  async listContents(@Query() query: CatalogPageQuery): Promise<ContentsPage> {
    const { items, nextCursor } = await readPage(query, BY_ID, (limit, after) => this.contents.list(limit, after));
    return { contents: items.map(contentAnswer), nextCursor };
  }

  /**
   * Read a title
   * @remarks What the catalogue says of a title.
   */
  @Get(':contentId')
  @Operation({
    answers: { 200: { description: 'The title.', headers: ['ETag'], examples: CONTENT_EXAMPLES } },
    problems: ['content-not-found'],
  })
  async getContent(
    @Param() { contentId }: ContentPath,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ContentAnswer> {
    const entry = await this.contents.get(contentId);
    markVersion(reply, entry.version);
    return contentAnswer(entry);
  }

  /**
   * Make or change a title
   * @remarks Says all of a title but its key: an optional field that is left out is null from then on. A change is in force when it
   * is answered. A `PUT` that changes nothing leaves the version as it is.
   */
  @Put(':contentId')
  @Operation({
    body: {
      description:
        'The title. A key id that another title has is refused, and so is an output policy that is not there.',
      examples: {
        content: {
          summary: 'A title for all three DRMs',
          value: { title: SPRING.title, kid: SPRING.kid, iv: SPRING.iv, outputPolicy: SPRING.outputPolicy },
        },
      },
    },
    answers: {
      200: { description: 'It was there, and is so now.', headers: ['ETag'], examples: CONTENT_EXAMPLES },
      201: { description: 'It is new.', headers: ['ETag'], examples: CONTENT_EXAMPLES },
    },
    problems: ['precondition-failed'],
  })
  async putContent(
    @Param() { contentId }: ContentPath,
    @Body() body: ContentRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ContentAnswer> {
    const { entry, created } = await this.contents.put(
      contentId,
      contentValues(body),
      firstKey(body),
      versionCheck(ifMatch),
    );
    markVersion(reply, entry.version, created);
    return contentAnswer(entry);
  }

  /**
   * See where a title's key comes from
   * @remarks The key itself is never answered. The ETag is the title's.
   */
  @Get(':contentId/key')
  @Operation({
    answers: { 200: { description: 'Its origin.', headers: ['ETag'], examples: KEY_EXAMPLES } },
    problems: ['content-not-found'],
  })
  async getContentKey(
    @Param() { contentId }: ContentPath,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ContentKeyAnswer> {
    const { keys, version } = await this.contents.get(contentId);
    markVersion(reply, version);
    return contentKeyAnswer(keys[0]?.key ?? null);
  }

  /**
   * Give a title its key
   * @remarks In exactly one of three ways: `key` in the clear, which is wrapped at once under the newest KEK and not kept; `ek` with
   * `kekId`, wrapped under a KEK that the service has; or `keyStorage`, for a key that is in ExpressPlay's key storage. A changed key
   * is a change of the title: ETag and If-Match are the title's.
   */
  @Put(':contentId/key')
  @Operation({
    body: {
      description: 'The key.',
      examples: {
        clear: { summary: 'In the clear', value: { key: '00112233445566778899aabbccddeeff' } },
        wrapped: {
          summary: 'Wrapped (RFC 3394)',
          value: { ek: '1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5', kekId: 'demo' },
        },
        'key-storage': { summary: "In ExpressPlay's key storage", value: { keyStorage: { kekId: 'demo' } } },
      },
    },
    answers: { 200: { description: 'The title has the key.', headers: ['ETag'], examples: KEY_EXAMPLES } },
    problems: ['content-not-found', 'precondition-failed'],
  })
  async putContentKey(
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
