// What can stand between an authenticated player and a token, in the words of the players' API.
import { DomainError } from '@app/platform/problems';
import type { DenialReason } from '../entitlements/entitlement.js';

/** The rules said no. */
export class NotEntitledError extends DomainError {
  constructor(readonly reason: DenialReason) {
    super('not-entitled', 'You are not entitled to play this title.', { extensions: { reason } });
  }
}

/** The title lacks what this DRM needs: its key, or, for FairPlay, its IV. */
export class DrmNotAvailableError extends DomainError {
  constructor() {
    super('drm-not-available', 'This title is not available with this DRM.');
  }
}

/** The title's key cannot be handed over, for want of a KEK: a fault of the deployment, told the player as such. */
export class KeyUnavailableError extends DomainError {
  constructor(why: string) {
    super('internal-error', 'The request could not be served.', { cause: new Error(why) });
  }
}

/** A token was not bought, or thrown away, for a reason that will soon be gone. */
export class TryAgainError extends DomainError {
  constructor(detail: string) {
    super('service-unavailable', detail, { retryAfterSeconds: 1 });
  }
}

/** The user has been granted as many tokens as the limits on spending allow for now. */
export class TokenLimitError extends DomainError {
  /** @param retryAfterSeconds until one more is allowed */
  constructor(retryAfterSeconds: number) {
    super('rate-limited', 'Too many licence tokens were asked for; try again later.', { retryAfterSeconds });
  }
}
