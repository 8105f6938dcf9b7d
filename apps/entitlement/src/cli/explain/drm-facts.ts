// Whether a title can be played with a DRM, and what would be asked of ExpressPlay for it; without its keys.
import type { ContentKeySource } from '@app/expressplay';
import type { Content } from '../../catalog/content.js';
import type { Drm } from '../../catalog/drm.js';
import type { Environment } from '../../environment.js';
import { DrmNotAvailableError, KeyUnavailableError } from '../../license-tokens/license-tokens.errors.js';
import { contentKeySource } from '../../license-tokens/content-keys.js';
import { tokenTerms, type Rights } from '../../license-tokens/rights.js';
import { tokenRequest } from '../../license-tokens/token-request.js';
import type { Purchase } from '../../purchases/purchase.js';

/** One DRM. */
export interface DrmFacts {
  drm: Drm;
  /** What stands in the way of this DRM alone; null when nothing does. */
  problem: { reason: 'drm-not-available' | 'key-unavailable'; detail: string } | null;
  /** Absent when no token would be asked for. */
  asked: AskedOfExpressPlay | null;
}

/** What a token would be asked for with. Key, authenticator and cookie are left out. */
export interface AskedOfExpressPlay {
  rights: Rights;
  /** Until when the token could be redeemed. */
  tokenExpiresAt: Date;
  keyDelivery: 'wrapped' | 'key-storage' | 'clear';
  kekId: string;
  /** The request's other fields. */
  request: Record<string, unknown>;
}

/** What the facts come from. */
export interface DrmQuestion {
  drm: Drm;
  offline: boolean;
  content: Content;
  at: Date;
  /** The purchase that entitles, if one does. */
  purchase: Purchase | undefined;
  settings: Pick<Environment, 'RENTAL_END_RULE' | 'TOKEN_TTL_SECONDS' | 'CONTENT_KEY_KEKS' | 'CONTENT_KEY_DELIVERY'>;
}

/** What the DRM is tried with where no purchase entitles. */
const OWNED: Purchase = { type: 'buy-to-own', id: '', revokedAt: null };

export function drmFacts({ drm, offline, content, at, purchase, settings }: DrmQuestion): DrmFacts {
  const { outputPolicy, key } = content;
  const { offlineAllowed } = outputPolicy;
  const terms = tokenTerms(purchase ?? OWNED, at, settings, { drm, offline, offlineAllowed });
  const unavailable = (detail: string): DrmFacts => ({
    drm,
    problem: { reason: 'drm-not-available', detail },
    asked: null,
  });
  if (key === null) return unavailable('the title has no content key');
  const keks = settings.CONTENT_KEY_KEKS.current;
  let source: ContentKeySource | undefined;
  try {
    // The very code that does it for a player, in its order, so that the first thing in the way is the same.
    source = contentKeySource(key, (id) => keks.get(id), settings.CONTENT_KEY_DELIVERY);
    const parts = { drm, content, key: source, ...terms, cookie: '' };
    const { key: _key, cookie: _cookie, expiresAt: _expiry, ...request } = tokenRequest(parts);
    const asked = purchase && { ...terms, keyDelivery: source.kind, kekId: key.kekId, request };
    return { drm, problem: null, asked: asked ?? null };
  } catch (error) {
    if (error instanceof KeyUnavailableError) {
      const detail = error.cause instanceof Error ? error.cause.message : error.message;
      return { drm, problem: { reason: 'key-unavailable', detail }, asked: null };
    }
    if (!(error instanceof DrmNotAvailableError)) throw error;
    return unavailable(LACKS[drm]);
  } finally {
    if (source?.kind === 'clear') source.contentKey.fill(0);
  }
}

const LACKS: Record<Drm, string> = {
  playready: 'the title lacks what PlayReady needs',
  fairplay: 'the title has no IV',
  widevine: 'its output policy has no Widevine security level and HDCP version',
};
