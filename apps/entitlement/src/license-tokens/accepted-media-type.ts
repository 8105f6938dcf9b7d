// Which of the two answers a player takes: JSON, or, for players that take nothing else, the licence URL alone.
import Negotiator from 'negotiator';
import { DomainError } from '@app/problems';

const MEDIA_TYPES = ['application/json', 'text/uri-list'] as const;

/** A media type `POST /v1/license-tokens` can answer in. */
export type TokenMediaType = (typeof MEDIA_TYPES)[number];

/**
 * @param accept the request's `Accept` header; without one it is JSON
 * @throws DomainError `not-acceptable` when neither is taken
 */
export function acceptedMediaType(accept: string | undefined): TokenMediaType {
  const chosen = new Negotiator({ headers: { accept } }).mediaType([...MEDIA_TYPES]);
  const mediaType = MEDIA_TYPES.find((type) => type === chosen);
  if (mediaType === undefined)
    throw new DomainError('not-acceptable', `This address answers in ${MEDIA_TYPES.join(' or ')}.`);
  return mediaType;
}
