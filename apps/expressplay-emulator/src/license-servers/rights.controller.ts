// The licence servers of FairPlay and Widevine, which players reach with the token in the query.
import type { TokenService } from '@app/expressplay';
import { Controller, Get, Header, HttpCode, Param, Post, Req, UseFilters, UseGuards } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { FORM_BODY } from '../protocol/form-body.js';
import { GetAndPostGuard } from '../protocol/get-and-post.guard.js';
import { FAIRPLAY_RIGHTS_PATH, WIDEVINE_RIGHTS_PATH } from '../protocol/license-paths.js';
import { ProtocolErrorFilter } from '../protocol/protocol-error.filter.js';
import { licenseTokenOf } from '../protocol/request-parameters.js';
import { WrongUrlError } from '../protocol/wrong-url.error.js';
import type { License } from './license.js';
import { RedemptionService } from './redemption.service.js';

// Nest takes the slash off the end of a route, but these ones' belongs to them: hence the wildcard that must be empty.
@Controller([FAIRPLAY_RIGHTS_PATH, WIDEVINE_RIGHTS_PATH])
@UseGuards(GetAndPostGuard)
@UseFilters(ProtocolErrorFilter)
export class RightsController {
  constructor(private readonly redemption: RedemptionService) {}

  @Get('*')
  @Header('cache-control', 'no-store')
  get(@Param('*') rest: string, @Req() request: FastifyRequest): License {
    return this.#redeem(rest, request);
  }

  @Post('*')
  @HttpCode(200)
  @RouteConfig(FORM_BODY)
  @Header('cache-control', 'no-store')
  post(@Param('*') rest: string, @Req() request: FastifyRequest): License {
    return this.#redeem(rest, request);
  }

  #redeem(rest: string, request: FastifyRequest): License {
    if (rest !== '') throw new WrongUrlError();
    return this.redemption.redeem(serviceAt(request.url), licenseTokenOf(request));
  }
}

function serviceAt(url: string): TokenService {
  return url.startsWith(WIDEVINE_RIGHTS_PATH) ? 'widevine' : 'fairplay';
}
