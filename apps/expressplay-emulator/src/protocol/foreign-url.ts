// Addresses that are neither of ExpressPlay's services nor the emulator's own: on ExpressPlay's hosts, wrong URLs.
import type { FastifyRequest } from 'fastify';

const CONTROL_PATH = /^\/emulator(?:[/?]|$)/;

/** Whether no route has the address and it is not one of the emulator's control addresses. */
export function isForeignUrl(request: FastifyRequest): boolean {
  return request.is404 && !CONTROL_PATH.test(request.url);
}
