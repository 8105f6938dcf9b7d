// Keeps ExpressPlay's routes to the documented methods: HEAD, which the web framework adds to every GET, is none of them.
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { WrongUrlError } from './wrong-url.error.js';

@Injectable()
export class GetAndPostGuard implements CanActivate {
  /** Whether the request may go on: a HEAD would spend or redeem a token that nobody sees. @throws WrongUrlError */
  canActivate(context: ExecutionContext): boolean {
    const { method } = context.switchToHttp().getRequest<FastifyRequest>();
    if (method === 'HEAD') throw new WrongUrlError();
    return true;
  }
}
