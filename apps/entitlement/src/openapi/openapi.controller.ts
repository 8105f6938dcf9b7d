// GET /openapi.json, and the page at /docs that shows it.
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RouteNotFoundError } from '@app/platform/problems';
import { Public } from '../auth/requires-scope.decorator.js';
import { Environment } from '../environment.js';
import type { OpenApiDocument, Server } from './document.js';
import { NoOperation } from './operation.js';
import { OpenApiService } from './openapi.service.js';
import { foreignOrigin, publicServer } from './public-server.js';
import { PAGE, pageFile, pagePolicy } from './swagger-page.js';

@Controller()
@Public()
@NoOperation()
export class OpenApiController {
  constructor(
    private readonly environment: Environment,
    private readonly adapterHost: HttpAdapterHost,
    private readonly openApi: OpenApiService,
  ) {}

  @Get('openapi.json')
  document(@Req() request: FastifyRequest): Promise<OpenApiDocument> {
    return this.openApi.document(this.#server(request));
  }

  @Get('docs')
  page(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    const policy = pagePolicy(foreignOrigin(this.#server(request)));
    void reply.type('text/html; charset=utf-8').header('Content-Security-Policy', policy);
    return PAGE;
  }

  /** @throws RouteNotFoundError */
  @Get('docs/:file')
  file(@Param('file') name: string, @Res({ passthrough: true }) reply: FastifyReply): Buffer | string {
    const file = pageFile(name);
    if (file === undefined) throw new RouteNotFoundError();
    void reply.type(file.mediaType);
    return file.content;
  }

  #server({ protocol, host, socket }: FastifyRequest): Server {
    const address: unknown = this.adapterHost.httpAdapter.getHttpServer().address();
    const publicPort = (address as { port: number }).port;
    const { PUBLIC_URL: publicUrl } = this.environment;
    return publicServer({ protocol, host, publicPort, samePort: socket.localPort === publicPort, publicUrl });
  }
}
