// The token services over HTTP, at ExpressPlay's own paths.
import { Controller, Get, Header, HttpCode, Post, Req, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { BaseUrl } from '../protocol/base-url.js';
import { FORM_BODY } from '../protocol/form-body.js';
import { GetAndPostGuard } from '../protocol/get-and-post.guard.js';
import { ProtocolErrorFilter } from '../protocol/protocol-error.filter.js';
import { parametersOf } from '../protocol/request-parameters.js';
import { WrongUrlError } from '../protocol/wrong-url.error.js';
import { FaultInterceptor } from './fault.interceptor.js';
import { TokenIssuer } from './token-issuer.service.js';
import { TOKEN_PATHS, tokenServiceAt } from './token-service.registry.js';

@Controller([...TOKEN_PATHS])
@UseGuards(GetAndPostGuard)
@UseInterceptors(FaultInterceptor)
@UseFilters(ProtocolErrorFilter)
export class TokenServicesController {
  constructor(
    private readonly issuer: TokenIssuer,
    private readonly baseUrl: BaseUrl,
  ) {}

  @Get()
  @Header('content-type', 'text/uri-list')
  @Header('cache-control', 'no-store')
  getToken(@Req() request: FastifyRequest): string {
    return this.#issue(request);
  }

  @Post()
  @HttpCode(200)
  @RouteConfig(FORM_BODY)
  @Header('content-type', 'text/uri-list')
  @Header('cache-control', 'no-store')
  postToken(@Req() request: FastifyRequest): string {
    return this.#issue(request);
  }

  #issue(request: FastifyRequest): string {
    const definition = tokenServiceAt(request.routeOptions.url);
    if (definition === undefined) throw new WrongUrlError();
    const token = this.issuer.issue({ definition, method: request.method, parameters: parametersOf(request) });
    return definition.answer(this.baseUrl.of(request), token);
  }
}
