// Which of the two answers a player takes: JSON, or, for players that take nothing else, the licence URL alone.
import Negotiator from 'negotiator';
import { DomainError } from '@app/platform/problems';

const MEDIA_TYPES = ['application/json', 'text/uri-list'] as const;

/** A media type `POST /v1/license-tokens` can answer in. */
export type TokenMediaType = (typeof MEDIA_TYPES)[number];

/** A parameter of a media range, but for a weight (RFC 9110, 12.4.2): no answer here differs by one. */
const OTHER_PARAMETER = /;(?![ \t]*q=(?:0?\.\d+|0\.?|1(?:\.0*)?)[ \t]*(?:[;,]|$))(?:"(?:[^"\\]|\\.)*"?|[^",;])*/gi;

/**
 * @param accept the request's `Accept` header; without one, or without a media range in it, it is JSON
 * @throws DomainError `not-acceptable` when neither is taken
 */
export function acceptedMediaType(accept = ''): TokenMediaType {
  const ranges = accept.replace(OTHER_PARAMETER, '');
  const headers = { accept: ranges.includes('/') ? ranges : '*/*' };
  const chosen = new Negotiator({ headers }).mediaType([...MEDIA_TYPES]);
  const mediaType = MEDIA_TYPES.find((type) => type === chosen);
  if (mediaType === undefined)
    throw new DomainError('not-acceptable', `This address answers in ${MEDIA_TYPES.join(' or ')}.`);
  return mediaType;
}
