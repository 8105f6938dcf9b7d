// Turns what ExpressPlay did instead of issuing a token into a problem for the player and a reason for the ledger.
import { ExpressPlayError, RefusedError, TransportError, type EventCode } from '@app/expressplay';
import { DomainError } from '@app/problems';

/** Reasons of failed issuances, which are problem codes too. */
export type UpstreamReason =
  'upstream-rejected' | 'upstream-unavailable' | 'upstream-timeout' | 'token-balance-exhausted';

/** ExpressPlay issued no token. Says nothing of what was asked or answered: that is in the log. */
export class UpstreamError extends DomainError {
  constructor(
    readonly reason: UpstreamReason,
    cause: ExpressPlayError,
  ) {
    const { detail, retryAfterSeconds } = ANSWERS[reason];
    super(reason, detail, { retryAfterSeconds, cause });
  }
}

const ANSWERS: Record<UpstreamReason, { detail: string; retryAfterSeconds?: number }> = {
  'upstream-rejected': { detail: 'The licence token service refused the request.' },
  'upstream-unavailable': { detail: 'The licence token service cannot be reached.', retryAfterSeconds: 5 },
  'upstream-timeout': { detail: 'The licence token service did not answer in time.' },
  'token-balance-exhausted': { detail: 'No licence tokens are available at the moment.', retryAfterSeconds: 60 },
};

const INSUFFICIENT_TOKENS: EventCode = -2019;
// ExpressPlay's own trouble rather than ours: administration, key storage, generation of a licence.
const TRANSIENT = new Set<number | undefined>([-2030, -4019, -6004, -7008] satisfies EventCode[]);

/** Which problem a failed call is. */
export function upstreamReason(error: ExpressPlayError): UpstreamReason {
  if (error instanceof TransportError) return error.timeout ? 'upstream-timeout' : 'upstream-unavailable';
  if (!(error instanceof RefusedError))
    return error.kind === 'unreadable' ? 'upstream-unavailable' : 'upstream-rejected';
  if (error.code === INSUFFICIENT_TOKENS) return 'token-balance-exhausted';
  const isServersFault = TRANSIENT.has(error.code) || (error.code === undefined && error.httpStatus >= 500);
  return isServersFault ? 'upstream-unavailable' : 'upstream-rejected';
}

/** The event code ExpressPlay refused with, when it did. */
export function eventCodeOf(error: ExpressPlayError): number | undefined {
  return error instanceof RefusedError ? error.code : undefined;
}
