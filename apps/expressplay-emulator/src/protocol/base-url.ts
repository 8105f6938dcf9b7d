// The base of the licence URLs that are handed out.
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Environment } from '../environment.js';

@Injectable()
export class BaseUrl {
  constructor(private readonly environment: Environment) {}

  /** The configured base URL, or the one that the request came to; without a slash at its end. */
  of(request: FastifyRequest): string {
    const { EMULATOR_PUBLIC_URL, EMULATOR_PORT } = this.environment;
    // HTTP/1.0 need not name a host.
    const host = request.host || `localhost:${EMULATOR_PORT}`;
    return (EMULATOR_PUBLIC_URL ?? `${request.protocol}://${host}`).replace(/\/+$/, '');
  }
}
