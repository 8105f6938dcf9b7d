// Which of a title's keys a token carries: those that the decision's quality allows, and for FairPlay one of them.
import {
  type Content,
  type Drm,
  type StoredContentKey,
  type Track,
  type TrackKey,
  TRACKS,
} from '../catalog/content.js';
import type { Quality } from '../entitlements/entitlement.rules.js';
import { DrmNotAvailableError, KidRequiredError } from './license-tokens.errors.js';

/** A key that is there. */
export type GrantedKey = TrackKey & { key: StoredContentKey };

/** For which DRM, up to which quality, and, for FairPlay, which key. */
export interface KeyChoice {
  drm: Drm;
  quality: Quality;
  /** A KID, 32 lowercase hex digits. */
  kid?: string | undefined;
}

/**
 * The keys of a token, in the store's order: one for FairPlay, whose tokens have no more.
 * @throws DrmNotAvailableError when there is none, KidRequiredError when FairPlay has several and none of them is named
 */
export function grantedKeys({ keys }: Pick<Content, 'keys'>, { drm, quality, kid }: KeyChoice): GrantedKey[] {
  const granted = keys.filter((key): key is GrantedKey => leftOutBecause(key, { drm, quality }) === undefined);
  if (granted.length === 0) throw new DrmNotAvailableError();
  if (drm !== 'fairplay' || (granted.length === 1 && kid === undefined)) return granted;
  const named = granted.filter((key) => key.kid === kid);
  if (named.length === 0) throw new KidRequiredError(granted.map((key) => key.kid));
  return named;
}

/** Why no token of a DRM carries a key: it is not there yet, it is for better quality than the decision allows, FairPlay needs its IV. */
export type LeftOut = 'no-key' | 'above-quality' | 'no-iv';

/** @returns undefined for a key that is granted */
export function leftOutBecause(
  { key, tracks, iv }: Pick<TrackKey, 'key' | 'tracks' | 'iv'>,
  { drm, quality }: Pick<KeyChoice, 'drm' | 'quality'>,
): LeftOut | undefined {
  if (key === null) return 'no-key';
  if (!isWithin(tracks, quality)) return 'above-quality';
  return drm === 'fairplay' && iv === null ? 'no-iv' : undefined;
}

/** Whether a key's least video track is within a quality; one without video is within any. */
export function isWithin(tracks: readonly Track[], quality: Quality): boolean {
  const least = TRACKS.find((track) => track !== 'audio' && tracks.includes(track));
  return least === undefined || TRACKS.indexOf(least) <= TRACKS.indexOf(quality);
}
