// PlayReady's licence server, which players reach with the token in the query.
import { Controller, Get, Header, HttpCode, Post, Req, UseFilters, UseGuards } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { FORM_BODY } from '../protocol/form-body.js';
import { GetAndPostGuard } from '../protocol/get-and-post.guard.js';
import { PLAYREADY_RIGHTS_PATH } from '../protocol/license-paths.js';
import { ProtocolErrorFilter } from '../protocol/protocol-error.filter.js';
import { licenseTokenOf } from '../protocol/request-parameters.js';
import type { License } from './license.js';
import { RedemptionService } from './redemption.service.js';

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
