// The answer to a player: one shape for every DRM, whatever ExpressPlay's own shapes are.
import type { IssuedToken } from '@app/expressplay';
import type { Drm } from '../catalog/content.js';
import { momentText } from '../moment.js';
import type { LicenseToken } from './license-tokens.dto.js';
import type { Rights } from './rights.js';

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
    tokenExpiresAt: momentText(tokenExpiresAt),
    rights: { ...rights, endsAt: rights.endsAt === null ? null : momentText(rights.endsAt) },
  };
}
