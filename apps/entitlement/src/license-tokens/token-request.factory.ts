// What is asked of ExpressPlay for one token: key parameters, output policy, rights, the token's life and the cookie.
import type { ContentKeySource, Drm, OutputProtectionLevels, TokenRequest } from '@app/expressplay';
import type { Content, OutputPolicy } from '../catalog/content.js';
import { DrmNotAvailableError } from './license-tokens.errors.js';
import type { Rights } from './rights.js';

/** The parts of a request, decided elsewhere. */
export interface TokenRequestParts {
  drm: Drm;
  content: Content;
  key: ContentKeySource;
  rights: Rights;
  /** Seconds for which the token can be redeemed. */
  expiresInSeconds: number;
  /** The issuance id, 32 hex digits. */
  cookie: string;
}

/** @throws DrmNotAvailableError when the title lacks what the DRM needs */
export function tokenRequest({ drm, content, key, rights, expiresInSeconds, cookie }: TokenRequestParts): TokenRequest {
  const common = { key, expiresInSeconds, cookie };
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
        opl: outputProtectionLevels(content.outputPolicy),
        ...outputControl(content.outputPolicy),
      };
    case 'fairplay': {
      if (content.iv === null) throw new DrmNotAvailableError();
      const rental = rights.type === 'rental' ? { rentalDurationSeconds: rights.playDurationSeconds } : {};
      return { ...common, drm, iv: content.iv, kid: content.kid, ...rental };
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
