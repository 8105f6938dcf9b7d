// The token services over HTTP, at ExpressPlay's own paths.
import { Controller, Get, Header, HttpCode, Param, Post, Req, UseFilters } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { BaseUrl } from '../protocol/base-url.js';
import { FORM_BODY } from '../protocol/form-body.js';
import { ProtocolErrorFilter } from '../protocol/protocol-error.filter.js';
import { parametersOf } from '../protocol/request-parameters.js';
import { WrongUrlError } from '../protocol/wrong-url.error.js';
import { TokenIssuer } from './token-issuer.service.js';
import { tokenServiceAt } from './token-service.registry.js';

@Controller('hms')
@UseFilters(ProtocolErrorFilter)
export class TokenServicesController {
  constructor(
    private readonly issuer: TokenIssuer,
    private readonly baseUrl: BaseUrl,
  ) {}

  @Get(':path/token')
  @Header('content-type', 'text/uri-list')
  @Header('cache-control', 'no-store')
  getToken(@Param('path') path: string, @Req() request: FastifyRequest): string {
    return this.#issue(path, request);
  }

  @Post(':path/token')
  @HttpCode(200)
  @RouteConfig(FORM_BODY)
  @Header('content-type', 'text/uri-list')
  @Header('cache-control', 'no-store')
  postToken(@Param('path') path: string, @Req() request: FastifyRequest): string {
    return this.#issue(path, request);
  }

  #issue(path: string, request: FastifyRequest): string {
    const definition = tokenServiceAt(path);
    if (definition === undefined) throw new WrongUrlError();
    const token = this.issuer.issue({ definition, method: request.method, parameters: parametersOf(request) });
    return definition.answer(this.baseUrl.of(request), token);
  }
}
