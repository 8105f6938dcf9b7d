// FairPlay's licence server, which players reach with the token in the query.
import { Controller, Get, Header, HttpCode, Param, Post, Req, UseFilters } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { FORM_BODY } from '../protocol/form-body.js';
import { FAIRPLAY_RIGHTS_PATH, TOKEN_PARAMETER } from '../protocol/license-paths.js';
import { ProtocolErrorFilter } from '../protocol/protocol-error.filter.js';
import { parametersOf } from '../protocol/request-parameters.js';
import { WrongUrlError } from '../protocol/wrong-url.error.js';
import type { License } from './license.js';
import { RedemptionService } from './redemption.service.js';

// Nest takes the slash off the end of a route, but this one's belongs to it: hence the wildcard that must be empty.
@Controller(FAIRPLAY_RIGHTS_PATH)
@UseFilters(ProtocolErrorFilter)
export class FairPlayRightsController {
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
    return this.redemption.redeem('fairplay', parametersOf(request).get(TOKEN_PARAMETER));
  }
}
