// What is asked of ExpressPlay for one token: key parameters, output policy, rights, the token's life and the cookie.
import type { ContentKeySource, OutputProtectionLevels, TokenRequest } from '@app/expressplay';
import type { Content, Drm, OutputPolicy } from '../catalog/content.js';
import { DrmNotAvailableError } from './license-tokens.errors.js';
import type { Rights } from './rights.js';

/** The parts of a request, decided elsewhere. */
export interface TokenRequestParts {
  drm: Drm;
  content: Content;
  key: ContentKeySource;
  rights: Rights;
  tokenExpiresAt: Date;
  /** The issuance id, 32 hex digits. */
  cookie: string;
}

/** @throws DrmNotAvailableError when the title lacks what the DRM needs */
export function tokenRequest({ drm, content, key, rights, tokenExpiresAt, cookie }: TokenRequestParts): TokenRequest {
  const policy = content.outputPolicy;
  const additionalParameters = policy.additionalParameters.filter((parameter) => (parameter.drm ?? drm) === drm);
  const common = { key, expiresAt: tokenExpiresAt, cookie, additionalParameters };
  const extensions = policy.extensions.filter((extension) => extension.drm === drm);
  switch (drm) {
    case 'playready':
      return {
        ...common,
        drm,
        kid: content.kid,
        rights:
          rights.type === 'rental'
            ? { type: 'rental', periodEndTime: rights.endsAt, playDurationSeconds: rights.playDurationSeconds }
            : { type: 'buy-to-own', persistent: rights.persistent },
        opl: outputProtectionLevels(policy),
        ...outputControl(policy),
        extension: extensions[0],
      };
    case 'fairplay': {
      if (content.iv === null) throw new DrmNotAvailableError();
      const rental = rights.type === 'rental' ? { rentalDurationSeconds: rights.playDurationSeconds } : {};
      return { ...common, drm, iv: content.iv, kid: content.kid, ...rental, extensions };
    }
    case 'widevine': {
      const { widevineSecurityLevel: securityLevel, widevineHdcp: hdcpOutputControl } = policy;
      if (securityLevel === null || hdcpOutputControl === null) throw new DrmNotAvailableError();
      const rental = rights.type === 'rental' ? { licenseDurationSeconds: rights.playDurationSeconds } : {};
      return { ...common, drm, kid: content.kid, securityLevel, hdcpOutputControl, ...rental, extensions };
    }
  }
}

function outputProtectionLevels(policy: OutputPolicy): OutputProtectionLevels {
  return {
    analogVideo: policy.analogVideoOpl,
    compressedDigitalAudio: policy.compressedDigitalAudioOpl,
    compressedDigitalVideo: policy.compressedDigitalVideoOpl,
    uncompressedDigitalAudio: policy.uncompressedDigitalAudioOpl,
    uncompressedDigitalVideo: policy.uncompressedDigitalVideoOpl,
  };
}

function outputControl({ unknownOutputBehavior, outputControlFlags }: OutputPolicy) {
  return {
    ...(unknownOutputBehavior === null ? {} : { unknownOutputBehavior }),
    ...(outputControlFlags === null ? {} : { outputControlFlags }),
  };
}
