// The parameters of an HTTP request to one of ExpressPlay's own routes.
import type { FastifyRequest } from 'fastify';
import { type FormBody, LARGEST_TEXT_BYTES, unreadText } from './form-body.js';
import { TOKEN_PARAMETER } from './license-paths.js';
import { decodeParameters, type TokenParameters } from './token-parameters.js';

/**
 * Decodes query and body; where a parameter is in both, the query's value comes first. A query that is too large is left
 * unread like such a body, which also keeps tokens short enough to be redeemed.
 */
export function parametersOf(request: FastifyRequest): TokenParameters {
  const query = readQuery(queryOf(request));
  const body = bodyOf(request);
  return decodeParameters(query.text, body.text, query.unread ?? body.unread);
}

/** The token that a licence server is asked to redeem, of whatever length; undefined when there is none. */
export function licenseTokenOf(request: FastifyRequest): string | undefined {
  return decodeParameters(queryOf(request), bodyOf(request).text).get(TOKEN_PARAMETER);
}

function readQuery(text: string): FormBody {
  return text.length > LARGEST_TEXT_BYTES ? unreadText(text, 'the query', 'is too large') : { text };
}

function queryOf(request: FastifyRequest): string {
  const url = request.raw.url ?? '';
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start + 1);
}

function bodyOf(request: FastifyRequest): FormBody {
  return (request.body as FormBody | undefined) ?? { text: '' };
}
