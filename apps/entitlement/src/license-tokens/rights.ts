// What a purchase entitles to when it is played at a moment: what is asked of ExpressPlay, answered, and written down.
import type { Drm, OutputPolicy } from '../catalog/content.js';
import { type DenialReason, endedBecause } from '../entitlements/entitlement.rules.js';
import { rentalEndWhenPlayed, secondsLeft } from '../entitlements/rental.rules.js';
import type { Environment } from '../environment.js';
import type { Purchase } from '../purchases/purchase.js';

/** Rights of one token. */
export interface Rights {
  /** What was bought: to keep, or for as long as the rental has left. */
  type: 'buy-to-own' | 'rental';
  /**
   * The moment after which the licence plays nothing: when the rental ends, were its first play (if not past) this moment, or until
   * when an owner may keep a stored licence. Null for an owner without such a bound, and where the licence cannot hold it.
   */
  endsAt: Date | null;
  /**
   * Whole seconds, at least 1, that the licence is asked for, of a rental at most its play duration: for PlayReady, whose licence has
   * `endsAt` too, what is left; for the others, whose licences know only how long they last, what is left when the token is
   * redeemed, and the licence started, at the last moment. Null for an owner without a bound.
   */
  playDurationSeconds: number | null;
  /** Whether the licence may be kept on the device, as far as the token says so. */
  persistent: boolean;
}

/** What decides whether a licence may be kept on the device, and for how long. */
export interface OfflineRequest {
  drm: Drm;
  /** What the player asks. */
  offline: boolean;
  /** What the content's output policy says. */
  policy: Pick<OutputPolicy, 'offlineAllowed' | 'offlineLicenseSeconds'>;
}

/** What is bought: rights, and how long the player has to redeem the token and to start. */
export interface TokenTerms {
  rights: Rights;
  /** In whole seconds, as it is sent. */
  tokenExpiresAt: Date;
  /** Whole seconds after the licence is fetched in which its first playback has to start, at least 1; where Widevine is told. */
  startWithinSeconds?: number;
}

/** The settings that decide on terms. */
export type TermsSettings = Pick<
  Environment,
  'RENTAL_END_RULE' | 'TOKEN_TTL_SECONDS' | 'WIDEVINE_GENERAL_FLAGS' | 'WIDEVINE_LICENSE_DURATION'
>;

/**
 * Longest life of the token of a licence that ends, in seconds, and longest time to start one that is played at once: what a
 * licence that knows only how long it lasts may lose to each.
 */
const LONGEST_WAIT_SECONDS = 60;

/** What a licence that has to be started in time needs: a second each for the token, the start and playing. */
const SHORTEST_TO_START = 3;

/** Why there is no token for a purchase that is live at `at`, on any terms; undefined when there is one. */
export function refusalOfTerms(
  purchase: Purchase,
  at: Date,
  settings: TermsSettings,
  { drm, offline }: Pick<OfflineRequest, 'drm' | 'offline'>,
): DenialReason | 'offline-not-available' | undefined {
  if (drm === 'widevine' && offline && settings.WIDEVINE_GENERAL_FLAGS === '4-digits') return 'offline-not-available';
  if (purchase.type === 'buy-to-own' || !isStartedInTime(drm, settings)) return undefined;
  const rule = settings.RENTAL_END_RULE;
  return secondsLeft(purchase, at, rule) < SHORTEST_TO_START ? endedBecause(purchase, rule) : undefined;
}

/** The terms of a token for a purchase that is live at `at` and that nothing refuses. */
export function tokenTerms(
  purchase: Purchase,
  at: Date,
  settings: TermsSettings,
  { drm, offline, policy }: OfflineRequest,
): TokenTerms {
  const startsInTime = isStartedInTime(drm, settings);
  const isKept = drm !== 'fairplay' && offline && policy.offlineAllowed;
  const rule = settings.RENTAL_END_RULE;
  if (purchase.type === 'rental') {
    const left = secondsLeft(purchase, at, rule);
    const endsAt = rentalEndWhenPlayed(purchase, at, rule);
    // ExpressPlay demands persistence of PlayReady rentals. Of Widevine's, one that counts play alone could be started too late.
    const persistent = drm === 'playready' || (isKept && startsInTime);
    return endingTerms({ type: 'rental', endsAt, playDurationSeconds: left, persistent }, at, settings, drm);
  }
  const owned: Rights = { type: 'buy-to-own', endsAt: null, playDurationSeconds: null, persistent: isKept };
  const bound = isKept ? policy.offlineLicenseSeconds : null;
  if (bound !== null && (drm === 'playready' || startsInTime)) {
    const endsAt = new Date(at.getTime() + bound * 1000);
    return endingTerms({ ...owned, endsAt, playDurationSeconds: bound }, at, settings, drm);
  }
  return {
    rights: { ...owned, playDurationSeconds: bound },
    tokenExpiresAt: wholeSecondAfter(at, settings.TOKEN_TTL_SECONDS),
  };
}

/** The terms of a licence that has an end, however late its token is redeemed. @param all with all seconds that are left */
function endingTerms(
  all: Rights & { playDurationSeconds: number },
  at: Date,
  settings: TermsSettings,
  drm: Drm,
): TokenTerms {
  const left = all.playDurationSeconds;
  const life = Math.min(settings.TOKEN_TTL_SECONDS, LONGEST_WAIT_SECONDS, Math.floor(left / 2));
  const tokenExpiresAt = wholeSecondAfter(at, life);
  if (drm === 'playready') return { rights: all, tokenExpiresAt };
  const rest = left - life;
  if (!isStartedInTime(drm, settings)) return { rights: { ...all, playDurationSeconds: rest }, tokenExpiresAt };
  // What is kept has as long to be started as to be played; what is not is played at once.
  const half = Math.floor(rest / 2);
  const wait = all.persistent ? half : Math.min(half, LONGEST_WAIT_SECONDS);
  return { rights: { ...all, playDurationSeconds: rest - wait }, tokenExpiresAt, startWithinSeconds: wait };
}

/** Whether a licence says until when it has to be started, and so ends however late that is. */
function isStartedInTime(drm: Drm, settings: TermsSettings): boolean {
  return drm === 'widevine' && settings.WIDEVINE_LICENSE_DURATION === 'time-to-start';
}

/** Rounded down, and still after `at`. @param seconds at least 1 */
function wholeSecondAfter(at: Date, seconds: number): Date {
  return new Date((Math.floor(at.getTime() / 1000) + seconds) * 1000);
}
