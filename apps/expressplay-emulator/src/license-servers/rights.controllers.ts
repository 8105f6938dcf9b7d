// The licence servers, which players reach with the token in the query.
import type { TokenService } from '@app/expressplay';
import { All, Controller, Header, Param, Req, UseFilters, UseGuards } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { WrongUrlError } from '../protocol/errors.js';
import { GetAndPostGuard, ProtocolErrorFilter } from '../protocol/protocol.js';
import { FORM_BODY, licenseTokenOf } from '../protocol/reading.js';
import { FAIRPLAY_RIGHTS_PATH } from '../token-services/fairplay.js';
import { PLAYREADY_RIGHTS_PATH } from '../token-services/playready.js';
import { WIDEVINE_RIGHTS_PATH } from '../token-services/widevine.js';
import { type License, RedemptionService } from './redemption.js';

// Nest takes the slash off the end of a route, but FairPlay's and Widevine's belongs to them: hence the wildcard that must be empty.
@Controller()
@UseGuards(GetAndPostGuard)
@UseFilters(ProtocolErrorFilter)
export class RightsController {
  constructor(private readonly redemption: RedemptionService) {}

  @All([PLAYREADY_RIGHTS_PATH, `${FAIRPLAY_RIGHTS_PATH}*`, `${WIDEVINE_RIGHTS_PATH}*`])
  @RouteConfig(FORM_BODY)
  @Header('cache-control', 'no-store')
  redeem(@Req() request: FastifyRequest, @Param('*') rest = ''): License {
    if (rest !== '') throw new WrongUrlError();
    return this.redemption.redeem(serviceAt(request.url), licenseTokenOf(request));
  }
}

function serviceAt(url: string): TokenService {
  if (url.startsWith(WIDEVINE_RIGHTS_PATH)) return 'widevine';
  return url.startsWith(FAIRPLAY_RIGHTS_PATH) ? 'fairplay' : 'playready';
}
