// The token services over HTTP, at ExpressPlay's own paths.
import { All, Controller, Header, Req, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { FaultInterceptor } from '../faults/fault.interceptor.js';
import { WrongUrlError } from '../protocol/errors.js';
import { BaseUrl, GetAndPostGuard, ProtocolErrorFilter } from '../protocol/protocol.js';
import { FORM_BODY, parametersOf } from '../protocol/reading.js';
import { TOKEN_PATHS, TokenIssuer, tokenServiceAt } from './token-issuer.js';

@Controller([...TOKEN_PATHS])
@UseGuards(GetAndPostGuard)
@UseInterceptors(FaultInterceptor)
@UseFilters(ProtocolErrorFilter)
export class TokenServicesController {
  constructor(
    private readonly issuer: TokenIssuer,
    private readonly baseUrl: BaseUrl,
  ) {}

  @All()
  @RouteConfig(FORM_BODY)
  @Header('content-type', 'text/uri-list')
  @Header('cache-control', 'no-store')
  issue(@Req() request: FastifyRequest): string {
    const definition = tokenServiceAt(request.routeOptions.url);
    if (definition === undefined) throw new WrongUrlError();
    const token = this.issuer.issue({ definition, method: request.method, parameters: parametersOf(request) });
    return definition.answer(this.baseUrl.of(request), token);
  }
}

@Controller(['hms', 'playready'])
@UseFilters(ProtocolErrorFilter)
export class WrongUrlController {
  @All('*')
  @RouteConfig(FORM_BODY)
  refuse(): never {
    throw new WrongUrlError();
  }
}
