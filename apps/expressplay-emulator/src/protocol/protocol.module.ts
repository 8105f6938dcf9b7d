// What all of ExpressPlay's own routes share: how bodies are read, and the base URL that answers name.
import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { BaseUrl } from './base-url.js';
import { readFormBodies } from './form-body.js';

@Module({ providers: [BaseUrl], exports: [BaseUrl] })
export class ProtocolModule implements OnModuleInit {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  onModuleInit(): void {
    readFormBodies(this.adapterHost.httpAdapter.getInstance<FastifyInstance>());
  }
}
