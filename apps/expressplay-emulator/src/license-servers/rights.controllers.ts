// The licence servers, which players reach with the token in the query.
import type { TokenService } from '@app/expressplay';
import { Controller, Get, Header, HttpCode, Param, Post, Req, UseFilters, UseGuards } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { WrongUrlError } from '../protocol/errors.js';
import { GetAndPostGuard, ProtocolErrorFilter } from '../protocol/protocol.js';
import { FORM_BODY, licenseTokenOf } from '../protocol/reading.js';
import { FAIRPLAY_RIGHTS_PATH } from '../token-services/fairplay.js';
import { PLAYREADY_RIGHTS_PATH } from '../token-services/playready.js';
import { WIDEVINE_RIGHTS_PATH } from '../token-services/widevine.js';
import { type License, RedemptionService } from './redemption.js';

@Controller(PLAYREADY_RIGHTS_PATH)
@UseGuards(GetAndPostGuard)
@UseFilters(ProtocolErrorFilter)
export class PlayReadyRightsController {
  constructor(private readonly redemption: RedemptionService) {}

  @Get()
  @Header('cache-control', 'no-store')
  get(@Req() request: FastifyRequest): License {
    return this.#redeem(request);
  }

  @Post()
  @HttpCode(200)
  @RouteConfig(FORM_BODY)
  @Header('cache-control', 'no-store')
  post(@Req() request: FastifyRequest): License {
    return this.#redeem(request);
  }

  #redeem(request: FastifyRequest): License {
    return this.redemption.redeem('playready', licenseTokenOf(request));
  }
}

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
