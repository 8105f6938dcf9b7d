// What a purchase entitles to when it is played at a moment: what is asked of ExpressPlay, answered, and written down.
import type { Drm } from '../catalog/content.js';
import { rentalEndWhenPlayed, secondsLeft } from '../entitlements/rental.rules.js';
import type { Environment } from '../environment.js';
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
  /**
   * Whole seconds, at least 1, at most the rental's play duration: for PlayReady, whose licence has `endsAt` too, what is left;
   * for the others, whose licences know only how long they last, what is left when the token is redeemed at its last moment.
   */
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

/** What is bought: rights, and how long the player has to redeem the token. */
export interface TokenTerms {
  rights: Rights;
  /** In whole seconds, as it is sent. */
  tokenExpiresAt: Date;
}

/** Longest life of a rental's token, in seconds: what its FairPlay and Widevine licences may lose. */
const LONGEST_RENTAL_TOKEN_SECONDS = 60;

/** The terms of a token for a purchase that is live at `at`. */
export function tokenTerms(
  purchase: Purchase,
  at: Date,
  settings: Pick<Environment, 'RENTAL_END_RULE' | 'TOKEN_TTL_SECONDS'>,
  request: OfflineRequest,
): TokenTerms {
  const { RENTAL_END_RULE: rule, TOKEN_TTL_SECONDS: longest } = settings;
  if (purchase.type === 'buy-to-own') {
    const persistent = isPersistentPurchase(request);
    const rights: Rights = { type: 'buy-to-own', endsAt: null, playDurationSeconds: null, persistent };
    return { rights, tokenExpiresAt: wholeSecondAfter(at, longest) };
  }
  const left = secondsLeft(purchase, at, rule);
  const life = Math.min(longest, LONGEST_RENTAL_TOKEN_SECONDS, Math.floor(left / 2));
  const playready = request.drm === 'playready';
  const rights: Rights = {
    type: 'rental',
    endsAt: rentalEndWhenPlayed(purchase, at, rule),
    playDurationSeconds: playready ? left : left - life,
    // ExpressPlay demands persistence of PlayReady rentals; its other services have no parameter for it.
    persistent: playready,
  };
  return { rights, tokenExpiresAt: wholeSecondAfter(at, life) };
}

/** Rounded down, and still after `at`. @param seconds at least 1 */
function wholeSecondAfter(at: Date, seconds: number): Date {
  return new Date((Math.floor(at.getTime() / 1000) + seconds) * 1000);
}

/** Only PlayReady's token says whether the licence is persistent; the other DRMs leave it to the app. */
function isPersistentPurchase({ drm, offline, offlineAllowed }: OfflineRequest): boolean {
  return drm === 'playready' && offline && offlineAllowed;
}
