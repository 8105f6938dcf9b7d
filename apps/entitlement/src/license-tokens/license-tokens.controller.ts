// POST /v1/license-tokens: unpack, call, answer.
import { Body, Controller, Headers, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { User } from '../auth/user.js';
import { acceptedMediaType } from './accepted-media-type.js';
import type { LicenseToken } from './license-token.js';
import { LicenseTokenRequest } from './license-token.request.js';
import { LicenseTokensService } from './license-tokens.service.js';
import { Operation } from '../openapi/operation.js';
import { ISSUE_LICENSE_TOKEN } from './license-tokens.openapi.js';

@Controller('v1/license-tokens')
@RequiresScope('playback')
export class LicenseTokensController {
  constructor(private readonly licenseTokens: LicenseTokensService) {}

  @Post()
  @Operation(ISSUE_LICENSE_TOKEN)
  @HttpCode(200)
  async create(
    @CurrentUser() user: User,
    @Body() body: LicenseTokenRequest,
    @Headers('accept') accept: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LicenseToken | string> {
    const mediaType = acceptedMediaType(accept);
    const answer = await this.licenseTokens.issue({ userId: user.id, ...body, requestId: request.id });
    void reply.header('Vary', 'Accept').type(mediaType);
    return mediaType === 'text/uri-list' ? `${answer.licenseUrl}\r\n` : answer;
  }
}
