// The token services over HTTP, at ExpressPlay's own paths.
import { All, Controller, Header, Req, UseFilters, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { FaultInterceptor } from '../faults/fault.interceptor.js';
import { BaseUrl, ProtocolErrorFilter } from '../protocol/protocol.js';
import { TOKEN_SERVICES, tokenAsked, TokenIssuer } from './token-issuer.js';

@Controller(TOKEN_SERVICES.map(({ path }) => path))
@UseInterceptors(FaultInterceptor)
@UseFilters(ProtocolErrorFilter)
export class TokenServicesController {
  constructor(
    private readonly issuer: TokenIssuer,
    private readonly baseUrl: BaseUrl,
  ) {}

  @All()
  @Header('content-type', 'text/uri-list')
  @Header('cache-control', 'no-store')
  issue(@Req() request: FastifyRequest): string {
    const asked = tokenAsked(request);
    const { rightsPath, answer } = asked.definition;
    return answer(`${this.baseUrl.of(request)}${rightsPath}`, this.issuer.issue(asked));
  }
}
