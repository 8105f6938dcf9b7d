// What can stand between an authenticated player and a token, in the words of the players' API.
import { DomainError } from '@app/problems';
import type { DenialReason } from '../entitlements/entitlement.js';

/** The rules said no. */
export class NotEntitledError extends DomainError {
  constructor(readonly reason: DenialReason) {
    super('not-entitled', 'You are not entitled to play this title.', { extensions: { reason } });
  }
}

/** The catalogue has no such title. */
export class ContentNotFoundError extends DomainError {
  constructor() {
    super('content-not-found', 'There is no such content.');
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

/** More requests are in flight than this process takes. */
export class OverloadedError extends DomainError {
  constructor() {
    super('overloaded', 'The service is busy.', { retryAfterSeconds: 1 });
  }
}
