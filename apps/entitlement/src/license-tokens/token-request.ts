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
  const { playreadyMinCertSecurityLevel: least } = policy;
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
            : { type: 'rental', periodEndTime: rights.endsAt, ...durationAs('playDurationSeconds', rights) },
        ...(least === null ? {} : { minCertSecurityLevel: least }),
        opl: outputProtectionLevels(policy),
        ...outputControl(policy),
        extension: extensions[0],
      };
    case 'fairplay': {
      if (content.iv === null) throw new DrmNotAvailableError();
      const duration = durationAs('rentalDurationSeconds', rights);
      return { ...common, drm, iv: content.iv, kid: content.kid, ...duration, extensions };
    }
    case 'widevine': {
      const { widevineSecurityLevel: securityLevel, widevineHdcp: hdcpOutputControl } = policy;
      if (securityLevel === null || hdcpOutputControl === null) throw new DrmNotAvailableError();
      const durations =
        startWithinSeconds === undefined
          ? durationAs('licenseDurationSeconds', rights)
          : { licenseDurationSeconds: startWithinSeconds, ...durationAs('playbackDurationSeconds', rights) };
      const persistent = rights.persistent ? { persistent: true } : {};
      return {
        ...common,
        drm,
        kid: content.kid,
        securityLevel,
        hdcpOutputControl,
        ...persistent,
        ...durations,
        extensions,
      };
    }
  }
}

/** The duration of a licence under a DRM's name for it, where it has one. */
function durationAs<Name extends string>(
  name: Name,
  { playDurationSeconds }: TokenTerms['rights'],
): Partial<Record<Name, number>> {
  return playDurationSeconds === null ? {} : ({ [name]: playDurationSeconds } as Record<Name, number>);
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
