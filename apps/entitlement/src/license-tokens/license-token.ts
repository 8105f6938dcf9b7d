// The answer to a player: one shape for every DRM, whatever ExpressPlay's own shapes are.
import type { IssuedToken } from '@app/expressplay';
import type { Drm } from '../catalog/drm.js';
import type { Rights } from './rights.js';

/** A licence token, as `POST /v1/license-tokens` answers with it. Moments are RFC 3339 in `Z`, in whole seconds. */
export interface LicenseToken {
  /** The issuance id, 32 hex digits. */
  id: string;
  contentId: string;
  drm: Drm;
  /** The licence URL with the token in it, ready to use. */
  licenseUrl: string;
  licenseAcquisitionUrl: string;
  token: string;
  /** Until when the token can be redeemed. */
  tokenExpiresAt: string;
  rights: {
    type: Rights['type'];
    /** Null for a purchase to own. */
    endsAt: string | null;
    playDurationSeconds: number | null;
    persistent: boolean;
  };
}

/** What an answer is made of. */
export interface LicenseTokenParts {
  id: string;
  contentId: string;
  drm: Drm;
  issued: IssuedToken;
  tokenExpiresAt: Date;
  rights: Rights;
}

/** Writes the answer. */
export function licenseToken({ id, contentId, drm, issued, tokenExpiresAt, rights }: LicenseTokenParts): LicenseToken {
  const { licenseUrl, licenseAcquisitionUrl, token } = issued;
  return {
    id,
    contentId,
    drm,
    licenseUrl,
    licenseAcquisitionUrl,
    token,
    tokenExpiresAt: wholeSeconds(tokenExpiresAt),
    rights: { ...rights, endsAt: rights.endsAt === null ? null : wholeSeconds(rights.endsAt) },
  };
}

/** RFC 3339 in `Z`, rounded down to the second. */
function wholeSeconds(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, 'Z');
}
