// What can stand between an authenticated player and a token: a reason for the ledger, and a problem in the words of the players' API.
import {
  classifyRefusal,
  type EventClass,
  type ExpressPlayError,
  InvalidTokenRequestError,
  RefusedError,
  TransportError,
} from '@app/expressplay';
import { DomainError, type DomainErrorOptions, type ProblemCode } from '@app/platform/problems';
import type { DenialReason } from '../entitlements/entitlement.rules.js';
import type { RefusalReason } from '../ledger/issuance.js';

/** No token, for a reason that is written into the ledger. */
export class TokenRefusedError extends DomainError {
  // Private to the language: the log of an error has its plain fields, and what the player is told suffices there.
  readonly #reason: RefusalReason;

  constructor(reason: RefusalReason, code: ProblemCode, detail: string, options: DomainErrorOptions = {}) {
    super(code, detail, options);
    this.#reason = reason;
  }

  get reason(): RefusalReason {
    return this.#reason;
  }
}

/** The rules said no. */
export class NotEntitledError extends TokenRefusedError {
  constructor(reason: DenialReason) {
    super(reason, 'not-entitled', 'You are not entitled to play this title.', { extensions: { reason } });
  }
}

/** The user has been granted as many tokens as the limits on spending allow for now. */
export class TokenLimitError extends TokenRefusedError {
  /** @param retryAfterSeconds until one more is allowed */
  constructor(retryAfterSeconds: number) {
    const detail = 'Too many licence tokens were asked for; try again later.';
    super('rate-limited', 'rate-limited', detail, { retryAfterSeconds });
  }
}

/** The title lacks what this DRM needs: its key, or, for FairPlay, its IV. */
export class DrmNotAvailableError extends TokenRefusedError {
  constructor() {
    super('drm-not-available', 'drm-not-available', 'This title is not available with this DRM.');
  }
}

/** A licence to keep was asked for, and the account's Widevine has none. */
class OfflineNotAvailableError extends TokenRefusedError {
  constructor() {
    const detail = 'This DRM has no licences to keep here; ask with offline false.';
    super('offline-not-available', 'offline-not-available', detail);
  }
}

/** There is no token on any terms. */
export function noTermsError(reason: DenialReason | 'offline-not-available'): TokenRefusedError {
  return reason === 'offline-not-available' ? new OfflineNotAvailableError() : new NotEntitledError(reason);
}

/** A FairPlay token is for one key, the title has several, and none of them was named. */
export class KidRequiredError extends TokenRefusedError {
  /** @param kids those that may be named, 32 lowercase hex digits each */
  constructor(kids: readonly string[]) {
    const detail = 'This title has several keys: name the KID that the skd:// URI asks for.';
    super('kid-required', 'kid-required', detail, { extensions: { kids } });
  }
}

/** The title's key cannot be handed over, for want of a KEK: a fault of the deployment, and no more is said to the player. */
export class KeyUnavailableError extends TokenRefusedError {
  constructor(why: string) {
    super('key-unavailable', 'internal-error', 'The request could not be served.', { cause: new Error(why) });
  }
}

/** A token was not bought, or thrown away, for a reason that will soon be gone. */
export class TryAgainError extends TokenRefusedError {
  constructor(reason: 'purchase-changed' | 'ledger-unavailable') {
    super(reason, 'service-unavailable', TRY_AGAIN[reason], { retryAfterSeconds: 1 });
  }
}

const TRY_AGAIN = {
  'purchase-changed': 'The purchase was changed while its token was being bought; ask again.',
  'ledger-unavailable': 'No token is bought until it can be written down; ask again.',
};

/** ExpressPlay issued no token. Says nothing to the player of what was asked or answered: that is for the log. */
export class UpstreamError extends TokenRefusedError {
  /** Who can fix it, where ExpressPlay has said no. */
  readonly eventClass: EventClass | undefined;
  /** What an operator does about it. */
  readonly action: string | undefined;

  constructor(cause: ExpressPlayError) {
    const refused = isRefusal(cause) ? classifyRefusal(cause) : undefined;
    const unanswered = cause instanceof TransportError;
    const reason = refused?.problem ?? (unanswered && cause.timeout ? 'upstream-timeout' : 'upstream-unavailable');
    // What is neither a token nor a refusal: whoever answered, the next answer may be better.
    const logLevel = refused?.logLevel ?? (unanswered ? 'warn' : 'error');
    const { detail, retryAfterSeconds } = UPSTREAM[reason];
    super(reason, reason, detail, { retryAfterSeconds, logLevel, cause });
    this.eventClass = refused?.class;
    this.action = refused?.action;
  }

  /** The event code ExpressPlay refused with, or would have. */
  get expressPlayCode(): number | undefined {
    return isRefusal(this.cause) ? this.cause.code : undefined;
  }
}

/** What the player is told of a failure at ExpressPlay. */
export const UPSTREAM = {
  'upstream-rejected': { detail: 'The licence token service refused the request.', retryAfterSeconds: undefined },
  'upstream-unavailable': { detail: 'The licence token service cannot be reached.', retryAfterSeconds: 5 },
  'upstream-timeout': { detail: 'The licence token service did not answer in time.', retryAfterSeconds: undefined },
  'token-balance-exhausted': { detail: 'No licence tokens are available at the moment.', retryAfterSeconds: 60 },
} satisfies Partial<Record<RefusalReason & ProblemCode, object>>;

/** ExpressPlay was not asked for a token, so none was spent: it would have been in vain, or too much. */
export class NotAskedError extends TokenRefusedError {
  readonly #why: NotAskedReason;

  /**
   * @param why what kept the request back
   * @param seconds until one more is let through
   */
  constructor(why: NotAskedReason, seconds: number) {
    const [reason, code, detail] = NOT_ASKED[why];
    super(reason, code, detail, { retryAfterSeconds: Math.max(1, seconds) });
    this.#why = why;
  }

  get why(): NotAskedReason {
    return this.#why;
  }
}

/** What can keep a request back, and what it comes to. */
export const NOT_ASKED = {
  // The DRM's service is in trouble.
  breaker: ['upstream-unavailable', 'upstream-unavailable', UPSTREAM['upstream-unavailable'].detail],
  // The DRM's service is slow, and has its share of this process already.
  bulkhead: ['upstream-unavailable', 'overloaded', 'The service is busy.'],
  // The account has no tokens left.
  balance: ['token-balance-exhausted', 'token-balance-exhausted', UPSTREAM['token-balance-exhausted'].detail],
} as const satisfies Record<string, [RefusalReason, ProblemCode, string]>;

export type NotAskedReason = keyof typeof NOT_ASKED;

/** ExpressPlay refused, or would have. */
export function isRefusal(error: unknown): error is RefusedError | InvalidTokenRequestError {
  return error instanceof RefusedError || error instanceof InvalidTokenRequestError;
}
