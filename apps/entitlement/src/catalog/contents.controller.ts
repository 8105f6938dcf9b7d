// The contents of the catalogue, for stores: unpack, call, answer.
import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { Operation, page, Tag } from '../openapi/documentation.js';
import { readPage } from '../pages.js';
import {
  CatalogPageQuery,
  ContentAnswer,
  contentAnswer,
  contentOrder,
  ContentPath,
  ContentRequest,
  ContentsPage,
  firstKey,
} from './catalog.dto.js';
import { CONTENT_ID, type ContentEntry } from './content.js';
import { ContentsRepository } from './contents.repository.js';
import { markVersion, versionCheck } from './versions.js';

const BY_ID = { pattern: CONTENT_ID, of: ({ id }: ContentEntry) => id };

const NO_KEY = { source: null, kekId: null };
const SPRING_KID = '0d9c1b3a5e7f4a6b8c2d1e0f9a8b7c6d';
const SPRING_IV = 'd5fbd6b82ed93e4ef98ae40931ee33b7';
const SPRING = {
  id: 'spring',
  title: 'Spring',
  kid: SPRING_KID,
  iv: SPRING_IV,
  key: NO_KEY,
  keys: [{ kid: SPRING_KID, tracks: [], iv: SPRING_IV, outputPolicy: null, key: NO_KEY }],
  outputPolicy: 'hd',
  protectionScheme: 'cenc',
  availableFrom: null,
  withdrawnAt: null,
  version: 1,
};
const CONTENT_EXAMPLES = { content: { summary: 'A title whose key is not there yet', value: SPRING } };

@Controller('v1/admin/contents')
@RequiresScope('catalog:write')
@Tag('Catalogue')
export class ContentsController {
  constructor(private readonly contents: ContentsRepository) {}

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
   * @remarks Says all of a title but its keys: an optional field that is left out is null from then on. `kid` and `iv` are of its first
   * key; of a title with several, `kid` can only be the one it has. A change is in force when it is answered. A `PUT` that changes
   * nothing leaves the version as it is.
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
      contentOrder(body),
      firstKey(body),
      versionCheck(ifMatch),
    );
    markVersion(reply, entry.version, created);
    return contentAnswer(entry);
  }
}
