// The parameters of an HTTP request to one of ExpressPlay's own routes.
import type { FastifyRequest } from 'fastify';
import type { FormBody } from './form-body.js';
import { decodeParameters, type TokenParameters } from './token-parameters.js';

/** Decodes query and body; where a parameter is in both, the query's value comes first. */
export function parametersOf(request: FastifyRequest): TokenParameters {
  const url = request.raw.url ?? '';
  const start = url.indexOf('?');
  const body = request.body as FormBody | undefined;
  return decodeParameters(start === -1 ? '' : url.slice(start + 1), body?.text ?? '', body?.ignored);
}
