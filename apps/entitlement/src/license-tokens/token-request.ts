// What is asked of ExpressPlay for one token: key parameters, output policy, rights, the token's life and the cookie.
import { isDeepStrictEqual } from 'node:util';
import type { ContentKeySource, OutputProtectionLevels, TokenRequest } from '@app/expressplay';
import { type Content, type Drm, type OutputPolicy, type Track, type TrackKey, TRACKS } from '../catalog/content.js';
import { DrmNotAvailableError } from './license-tokens.errors.js';
import type { TokenTerms } from './rights.js';

/** The parts of a request, decided elsewhere. */
export interface TokenRequestParts extends TokenTerms {
  drm: Drm;
  content: Pick<Content, 'outputPolicy' | 'protectionScheme'>;
  /** The keys that the token carries, at least one; for FairPlay one. */
  keys: SourcedKey[];
  /** The issuance id, 32 hex digits. */
  cookie: string;
}

/** A key with what is sent of it. */
export type SourcedKey = Omit<TrackKey, 'key'> & { source: ContentKeySource };

/** @throws DrmNotAvailableError when the title lacks what the DRM needs */
export function tokenRequest({ drm, content, keys, cookie, ...terms }: TokenRequestParts): TokenRequest {
  const { rights, tokenExpiresAt, startWithinSeconds } = terms;
  const policy = content.outputPolicy;
  const additionalParameters = policy.additionalParameters.filter((parameter) => (parameter.drm ?? drm) === drm);
  const common = { expiresAt: tokenExpiresAt, cookie, additionalParameters };
  // What is undefined is not sent.
  const duration = rights.playDurationSeconds ?? undefined;
  const extensions = policy.extensions.filter((extension) => extension.drm === drm);
  switch (drm) {
    case 'playready':
      return {
        ...common,
        drm,
        ...several(keys.map((key) => playReadyKey(key, policy, keys.length > 1))),
        ...(content.protectionScheme === 'cbcs' ? { algId: 'aescbc' } : {}),
        rights:
          rights.endsAt === null
            ? { type: 'buy-to-own', persistent: rights.persistent }
            : { type: 'rental', periodEndTime: rights.endsAt, playDurationSeconds: duration },
        opl: outputProtectionLevels(policy),
        ...outputControl(policy),
        extension: extensions[0],
      };
    case 'fairplay': {
      const [key] = keys;
      if (key === undefined || key.iv === null) throw new DrmNotAvailableError();
      const { iv, kid, source } = key;
      return { ...common, drm, iv, kid, key: source, rentalDurationSeconds: duration, extensions };
    }
    case 'widevine': {
      return {
        ...common,
        drm,
        ...several(keys.map((key) => widevineKey(key, policy, keys.length > 1))),
        persistent: rights.persistent || undefined,
        licenseDurationSeconds: startWithinSeconds ?? duration,
        playbackDurationSeconds: startWithinSeconds && duration,
        extensions,
      };
    }
  }
}

/** The first key as the request's own, further ones beside it. */
function several<K extends object>([first, ...others]: K[]): K & { otherKeys?: K[] } {
  if (first === undefined) throw new DrmNotAvailableError();
  return others.length === 0 ? first : { ...first, otherKeys: others };
}

/** @param isOneOfSeveral what an old policy has sent as an additional parameter, without a number, is of a title's only key */
function playReadyKey(
  { kid, source: key, outputPolicy: own }: SourcedKey,
  policy: OutputPolicy,
  isOneOfSeveral: boolean,
) {
  const inFields = own?.playreadyMinCertSecurityLevel ?? policy.playreadyMinCertSecurityLevel ?? undefined;
  const minCertSecurityLevel = isOneOfSeveral ? (inFields ?? additionalCertificateLevel(policy)) : inFields;
  const levels = own === null ? undefined : outputProtectionLevels(own);
  const isOwn = levels !== undefined && !isDeepStrictEqual(levels, outputProtectionLevels(policy));
  return { kid, key, minCertSecurityLevel, ...(isOwn ? { opl: levels } : {}) };
}

/** The level of a policy that was made before it had a field. */
function additionalCertificateLevel({ additionalParameters }: OutputPolicy): number | undefined {
  const isLevel = ({ drm, name }: OutputPolicy['additionalParameters'][number]) =>
    (drm ?? 'playready') === 'playready' && name === 'minCertSecurityLevel';
  const level = Number(additionalParameters.find(isLevel)?.value);
  return [150, 2000, 3000].find((one) => one === level);
}

/** In the wire's numbers. */
const TRACK_TYPES: Readonly<Record<Track, number>> = { sd: 0, hd: 1, audio: 2, uhd1: 3, uhd2: 4 };

/** @param isOneOfSeveral a title's only key has no track type */
function widevineKey(
  { kid, tracks, source: key, outputPolicy: own }: SourcedKey,
  policy: OutputPolicy,
  isOneOfSeveral: boolean,
) {
  const securityLevel = own?.widevineSecurityLevel ?? policy.widevineSecurityLevel;
  const hdcpOutputControl = own?.widevineHdcp ?? policy.widevineHdcp;
  if (securityLevel === null || hdcpOutputControl === null) throw new DrmNotAvailableError();
  const best = TRACKS.findLast((track) => track !== 'audio' && tracks.includes(track)) ?? tracks[0];
  const trackType = isOneOfSeveral && best !== undefined ? { trackType: TRACK_TYPES[best] } : {};
  return { kid, key, securityLevel, hdcpOutputControl, ...trackType };
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
