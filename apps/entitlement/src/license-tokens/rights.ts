// What a purchase entitles to when it is played at a moment: what is asked of ExpressPlay, told the player, and written down.
import type { Drm } from '../catalog/drm.js';
import { rentalEndWhenPlayed, wholeSecondsUntil, type RentalEndRule } from '../entitlements/rental.rules.js';
import type { Purchase } from '../purchases/purchase.js';

/** Rights of one token. */
export type Rights = BuyToOwnRights | RentalRights;

/** To keep. */
export interface BuyToOwnRights {
  type: 'buy-to-own';
  endsAt: null;
  playDurationSeconds: null;
  /** Whether the licence may be kept on the device. */
  persistent: boolean;
}

/** For as long as the rental has left. */
export interface RentalRights {
  type: 'rental';
  /** When the rental ends, were its first play (if not past) this moment. */
  endsAt: Date;
  /** Whole seconds left, at least 1, at most the rental's play duration. */
  playDurationSeconds: number;
  persistent: boolean;
}

/** What decides whether a licence may be kept on the device. */
export interface OfflineRequest {
  drm: Drm;
  /** What the player asks. */
  offline: boolean;
  /** What the content's output policy says. */
  offlineAllowed: boolean;
}

/** The rights of a purchase that is live at `at`. */
export function rightsOf(purchase: Purchase, at: Date, rule: RentalEndRule, request: OfflineRequest): Rights {
  if (purchase.type === 'buy-to-own') {
    return { type: 'buy-to-own', endsAt: null, playDurationSeconds: null, persistent: isPersistentPurchase(request) };
  }
  const endsAt = rentalEndWhenPlayed(purchase, at, rule);
  const playDurationSeconds = Math.min(purchase.playDurationSeconds, wholeSecondsUntil(endsAt, at));
  // ExpressPlay demands persistence of PlayReady rentals; its other services have no parameter for it.
  return { type: 'rental', endsAt, playDurationSeconds, persistent: request.drm === 'playready' };
}

/** How long a token can be redeemed: never past the end of the rental it is for. @param longest of any token, in seconds */
export function tokenLifeSeconds({ playDurationSeconds }: Rights, longest: number): number {
  return Math.min(longest, playDurationSeconds ?? Infinity);
}

/** Only PlayReady's token says whether the licence is persistent; the other DRMs leave it to the app. */
function isPersistentPurchase({ drm, offline, offlineAllowed }: OfflineRequest): boolean {
  return drm === 'playready' && offline && offlineAllowed;
}
