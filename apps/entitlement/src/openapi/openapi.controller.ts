// GET /openapi.json, the document that is checked in, and the page at /docs that shows it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Module, Param, Req, Res } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RouteNotFoundError } from '@app/platform/problems';
import { Public } from '../auth/requires-scope.decorator.js';
import { installationFolder } from '../build-version.js';
import { Tag } from './documentation.js';
import { PAGE, pageFile, pagePolicy, publicServer, type Server } from './swagger-page.js';

@Controller()
@Public()
@Tag(null)
export class OpenApiController {
  /** Most processes are never asked for it. */
  #document: object | undefined;

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  @Get('openapi.json')
  document(@Req() request: FastifyRequest): object {
    this.#document ??= JSON.parse(readFileSync(join(installationFolder(), 'docs/openapi.json'), 'utf8')) as object;
    return { ...this.#document, servers: [this.#server(request)] };
  }

  @Get('docs')
  page(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    const policy = pagePolicy(this.#server(request));
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
    return publicServer({ protocol, host, publicPort, samePort: socket.localPort === publicPort });
  }
}

@Module({ controllers: [OpenApiController] })
export class OpenApiModule {}
