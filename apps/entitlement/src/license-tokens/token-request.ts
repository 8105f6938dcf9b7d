// What is asked of ExpressPlay for one token: key parameters, output policy, rights, the token's life and the cookie.
import type { ContentKeySource, OutputProtectionLevels, TokenRequest } from '@app/expressplay';
import type { Content, Drm, OutputPolicy } from '../catalog/content.js';
import { DrmNotAvailableError } from './license-tokens.errors.js';
import type { TokenTerms } from './rights.js';

/** The parts of a request, decided elsewhere. */
export interface TokenRequestParts extends TokenTerms {
  drm: Drm;
  content: Content;
  key: ContentKeySource;
  /** The issuance id, 32 hex digits. */
  cookie: string;
}

/** @throws DrmNotAvailableError when the title lacks what the DRM needs */
export function tokenRequest({ drm, content, key, cookie, ...terms }: TokenRequestParts): TokenRequest {
  const { rights, tokenExpiresAt, startWithinSeconds } = terms;
  const policy = content.outputPolicy;
  const additionalParameters = policy.additionalParameters.filter((parameter) => (parameter.drm ?? drm) === drm);
  const common = { key, expiresAt: tokenExpiresAt, cookie, additionalParameters };
  // What is undefined is not sent.
  const duration = rights.playDurationSeconds ?? undefined;
  const extensions = policy.extensions.filter((extension) => extension.drm === drm);
  switch (drm) {
    case 'playready':
      return {
        ...common,
        drm,
        kid: content.kid,
        rights:
          rights.endsAt === null
            ? { type: 'buy-to-own', persistent: rights.persistent }
            : { type: 'rental', periodEndTime: rights.endsAt, playDurationSeconds: duration },
        minCertSecurityLevel: policy.playreadyMinCertSecurityLevel ?? undefined,
        opl: outputProtectionLevels(policy),
        ...outputControl(policy),
        extension: extensions[0],
      };
    case 'fairplay': {
      if (content.iv === null) throw new DrmNotAvailableError();
      return { ...common, drm, iv: content.iv, kid: content.kid, rentalDurationSeconds: duration, extensions };
    }
    case 'widevine': {
      const { widevineSecurityLevel: securityLevel, widevineHdcp: hdcpOutputControl } = policy;
      if (securityLevel === null || hdcpOutputControl === null) throw new DrmNotAvailableError();
      return {
        ...common,
        drm,
        kid: content.kid,
        securityLevel,
        hdcpOutputControl,
        persistent: rights.persistent || undefined,
        licenseDurationSeconds: startWithinSeconds ?? duration,
        playbackDurationSeconds: startWithinSeconds && duration,
        extensions,
      };
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
