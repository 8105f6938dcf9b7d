// The keys of contents, for stores: unpack, call, answer. A key goes in and never comes out.
import {
  Body,
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  Headers,
  type NestInterceptor,
  Param,
  Put,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { OtherBody } from '@app/platform/http';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { Operation, Tag } from '../openapi/documentation.js';
import { ContentPath } from './catalog.dto.js';
import {
  ContentKeyAnswer,
  contentKeyAnswer,
  contentKeyOrder,
  ContentKeyRequest,
  ContentKeysAnswer,
  contentKeysAnswer,
  ContentKeysRequest,
  trackKeyOrders,
} from './content-keys.dto.js';
import { ContentKeysService } from './content-keys.service.js';
import { ContentsRepository } from './contents.repository.js';
import { parseCpix } from './cpix.js';
import { markVersion, versionCheck } from './versions.js';

const CPIX_TYPE = 'application/xml';

/** Puts the JSON that a CPIX document stands for in its place, after whoever sent it has been let in and before the body is checked. */
class ReadsCpix implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.body instanceof Buffer) request.body = parseCpix(request.body);
    return next.handle();
  }
}

const KEY_EXAMPLES = { wrapped: { summary: 'A wrapped key', value: { source: 'wrapped', kekId: 'demo' } } };

const KIDS = [
  '0d9c1b3a5e7f4a6b8c2d1e0f9a8b7c6d',
  '1e0f9a8b7c6d0d9c1b3a5e7f4a6b8c2d',
  '2a3b4c5d6e7f40819203a4b5c6d7e8f9',
] as const;
const IV = 'd5fbd6b82ed93e4ef98ae40931ee33b7';
const KEYS = [
  { kid: KIDS[0], tracks: ['sd'], iv: IV, key: '00112233445566778899aabbccddeeff' },
  { kid: KIDS[1], tracks: ['hd'], iv: IV, outputPolicy: 'hd', key: '112233445566778899aabbccddeeff00' },
  { kid: KIDS[2], tracks: ['audio'], iv: IV, key: '2233445566778899aabbccddeeff0011' },
];
const EK = '1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5';
const OTHER_KEYS = [
  { kid: KIDS[0], tracks: ['sd'], ek: EK, kekId: 'demo' },
  { kid: KIDS[1], tracks: ['hd'], keyStorage: { kekId: 'demo' } },
  { kid: KIDS[2], tracks: ['audio'] },
];
const ANSWERED = { iv: IV, outputPolicy: null, key: { source: 'wrapped', kekId: 'demo' } };
const KEYS_EXAMPLES = {
  'three-keys': {
    summary: 'Keys for SD, HD and audio',
    value: {
      protectionScheme: 'cenc',
      keys: [
        { kid: KIDS[0], tracks: ['sd'], ...ANSWERED },
        { kid: KIDS[1], tracks: ['hd'], ...ANSWERED, outputPolicy: 'hd' },
        { kid: KIDS[2], tracks: ['audio'], ...ANSWERED },
      ],
    },
  },
};
const CPIX_DOCUMENT = `<?xml version="1.0" encoding="UTF-8"?>
<cpix:CPIX xmlns:cpix="urn:dashif:org:cpix" xmlns:pskc="urn:ietf:params:xml:ns:keyprov:pskc">
  <cpix:ContentKeyList>
    <cpix:ContentKey kid="0d9c1b3a-5e7f-4a6b-8c2d-1e0f9a8b7c6d" commonEncryptionScheme="cenc">
      <cpix:Data><pskc:Secret><pskc:PlainValue>ABEiM0RVZneImaq7zN3u/w==</pskc:PlainValue></pskc:Secret></cpix:Data>
    </cpix:ContentKey>
  </cpix:ContentKeyList>
  <cpix:ContentKeyUsageRuleList>
    <cpix:ContentKeyUsageRule kid="0d9c1b3a-5e7f-4a6b-8c2d-1e0f9a8b7c6d" intendedTrackType="SD"/>
  </cpix:ContentKeyUsageRuleList>
</cpix:CPIX>
`;

@Controller('v1/admin/contents/:contentId')
@RequiresScope('catalog:write')
@Tag('Catalogue')
export class ContentKeysController {
  constructor(
    private readonly contents: ContentsRepository,
    private readonly keys: ContentKeysService,
  ) {}

  /**
   * See a title's keys
   * @remarks KIDs, what each is for, and where each key comes from. The keys themselves are never answered. The ETag is the title's.
   */
  @Get('keys')
  @Operation({
    answers: { 200: { description: 'Its keys.', headers: ['ETag'], examples: KEYS_EXAMPLES } },
    problems: ['content-not-found'],
  })
  async getContentKeys(
    @Param() { contentId }: ContentPath,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ContentKeysAnswer> {
    const entry = await this.contents.get(contentId);
    markVersion(reply, entry.version);
    return contentKeysAnswer(entry);
  }

  /**
   * Give a title its keys
   * @remarks Says all keys of a title: one that is left out is gone. Each is given in one of the ways of a single key; without any, a KID
   * that the title has keeps its key, and another waits for it. A CPIX document (DASH-IF, 2.0 to 2.4) says the same: its usage rules are
   * the tracks, its `commonEncryptionScheme` is the title's, and its keys are in the clear or wrapped (`kw-aes128`) under the KEK that
   * `KeyName` names. When one key is refused, none is taken. ETag and If-Match are the title's.
   */
  @Put('keys')
  @OtherBody(CPIX_TYPE)
  @UseInterceptors(ReadsCpix)
  @Operation({
    body: {
      description: 'The keys, as JSON or as a CPIX document.',
      examples: {
        clear: { summary: 'Keys for SD, HD and audio, in the clear', value: { keys: KEYS } },
        others: { summary: 'One wrapped, one in key storage, one that the title keeps', value: { keys: OTHER_KEYS } },
      },
      alternatives: {
        [CPIX_TYPE]: {
          schema: { type: 'string' },
          examples: { cpix: { summary: 'CPIX', value: CPIX_DOCUMENT } },
        },
      },
    },
    answers: { 200: { description: 'The title has the keys.', headers: ['ETag'], examples: KEYS_EXAMPLES } },
    problems: ['content-not-found', 'precondition-failed'],
  })
  async putContentKeys(
    @Param() { contentId }: ContentPath,
    @Body() body: ContentKeysRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ContentKeysAnswer> {
    const check = versionCheck(ifMatch);
    const scheme = body.protectionScheme ?? undefined;
    const entry = await this.keys.putAll(contentId, trackKeyOrders(body), scheme, check);
    markVersion(reply, entry.version);
    return contentKeysAnswer(entry);
  }

  /**
   * See where a title's key comes from
   * @remarks Its first, where it has several. The key itself is never answered. The ETag is the title's.
   */
  @Get('key')
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
   * Give a title its only key
   * @remarks For a title with one key; a `PUT` of `keys` is for all. In exactly one of three ways: `key` in the clear, which is wrapped at once under the newest KEK and not kept; `ek` with
   * `kekId`, wrapped under a KEK that the service has; or `keyStorage`, for a key that is in ExpressPlay's key storage. A changed key
   * is a change of the title: ETag and If-Match are the title's.
   */
  @Put('key')
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
