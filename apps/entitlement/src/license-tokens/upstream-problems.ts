// Turns what ExpressPlay did instead of issuing a token into a problem for the player and a reason for the ledger.
import {
  classifyRefusal,
  InvalidTokenRequestError,
  RefusedError,
  TransportError,
  type EventClass,
  type ExpressPlayError,
} from '@app/expressplay';
import { DomainError } from '@app/platform/problems';

/** Reasons of failed issuances, which are problem codes too. */
export type UpstreamReason =
  'upstream-rejected' | 'upstream-unavailable' | 'upstream-timeout' | 'token-balance-exhausted';

/** What a failed call is: for the player and the ledger (`reason`), and for those who run the service (the rest). */
export interface UpstreamFailure {
  reason: UpstreamReason;
  logLevel: 'error' | 'warn';
  /** Whose it is to mend, where ExpressPlay has said no. */
  eventClass?: EventClass;
  /** What an operator does about it. */
  action?: string;
}

/** ExpressPlay issued no token. Tells the player nothing of what was asked or answered: that is for the log. */
export class UpstreamError extends DomainError {
  readonly eventClass: EventClass | undefined;
  readonly action: string | undefined;

  constructor({ reason, logLevel, eventClass, action }: UpstreamFailure, cause: ExpressPlayError) {
    const { detail, retryAfterSeconds } = ANSWERS[reason];
    super(reason, detail, { retryAfterSeconds, logLevel, cause });
    this.eventClass = eventClass;
    this.action = action;
  }
}

const ANSWERS: Record<UpstreamReason, { detail: string; retryAfterSeconds?: number }> = {
  'upstream-rejected': { detail: 'The licence token service refused the request.' },
  'upstream-unavailable': { detail: 'The licence token service cannot be reached.', retryAfterSeconds: 5 },
  'upstream-timeout': { detail: 'The licence token service did not answer in time.' },
  'token-balance-exhausted': { detail: 'No licence tokens are available at the moment.', retryAfterSeconds: 60 },
};

/**
 * The answer, while it is of use: a token that has ended by then is none, nor is it anybody's fault that it was refused.
 * @throws TransportError for one that is not
 */
export async function inTime<T>(answer: Promise<T>, isOfUse: () => boolean): Promise<T> {
  try {
    const token = await answer;
    if (isOfUse()) return token;
  } catch (error) {
    if (isOfUse() || !(error instanceof RefusedError || error instanceof InvalidTokenRequestError)) throw error;
  }
  throw new TransportError('timeout');
}

/** What a failed call is. */
export function upstreamFailure(error: ExpressPlayError): UpstreamFailure {
  if (error instanceof TransportError) {
    return { reason: error.timeout ? 'upstream-timeout' : 'upstream-unavailable', logLevel: 'warn' };
  }
  if (error instanceof RefusedError || error instanceof InvalidTokenRequestError) {
    const { class: eventClass, problem, logLevel, action } = classifyRefusal(error);
    return { reason: problem, logLevel, eventClass, action };
  }
  // Neither a token nor a refusal: whoever answered, the next answer may be better.
  return { reason: 'upstream-unavailable', logLevel: 'error' };
}

/** The event code ExpressPlay refused with, or would have. */
export function eventCodeOf(error: ExpressPlayError): number | undefined {
  return error instanceof RefusedError || error instanceof InvalidTokenRequestError ? error.code : undefined;
}
