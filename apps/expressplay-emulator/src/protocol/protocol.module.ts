// What all of ExpressPlay's own routes share: how requests are read, and the base URL that answers name.
import type { Server } from 'node:http';
import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { BaseUrl } from './base-url.js';
import { answerForeignUrls } from './foreign-url-answer.js';
import { readFormBodies } from './form-body.js';
import { takeLongTokens } from './long-tokens.js';

@Module({ providers: [BaseUrl], exports: [BaseUrl] })
export class ProtocolModule implements OnModuleInit {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  onModuleInit(): void {
    const adapter = this.adapterHost.httpAdapter;
    const instance = adapter.getInstance<FastifyInstance>();
    readFormBodies(instance);
    answerForeignUrls(instance);
    takeLongTokens(adapter.getHttpServer() as Server);
  }
}
