// A title as the catalogue knows it: when it may be played, how its outputs are protected, where its key is.
import type { Drm } from './drm.js';

/** One title a player can ask for. */
export interface Content {
  id: string;
  /** Key id, 32 lowercase hex digits. */
  kid: string;
  /** FairPlay's content encryption IV, 32 lowercase hex digits; without it the title has no FairPlay. */
  iv: string | null;
  /** First moment it may be played; null when always. */
  availableFrom: Date | null;
  /** First moment it may no longer be played; null when it is not withdrawn. */
  withdrawnAt: Date | null;
  outputPolicy: OutputPolicy;
  /** Null while the title has no key, and so cannot be played at all. */
  key: StoredContentKey | null;
}

/** What the outputs of a device must protect: output protection levels (OPL), whole numbers 0-999, and flags. */
export interface OutputPolicy {
  analogVideoOpl: number;
  compressedDigitalAudioOpl: number;
  compressedDigitalVideoOpl: number;
  uncompressedDigitalAudioOpl: number;
  uncompressedDigitalVideoOpl: number;
  unknownOutputBehavior: 'Allow' | 'Disallow' | 'SDOnly' | null;
  /** 8 hex digits. */
  outputControlFlags: string | null;
  /** Whether an owner may ask for a persistent licence. */
  offlineAllowed: boolean;
  /** 1 (software crypto) to 5 (all in hardware); null, with `widevineHdcp`, when the title has no Widevine. */
  widevineSecurityLevel: number | null;
  /** 0 none, 1 HDCP 1, 2 HDCP 2. */
  widevineHdcp: number | null;
  /** Licence extensions. */
  extensions: PolicyExtension[];
  /** Parameters that the published tables do not list, sent as they are. */
  additionalParameters: PolicyParameter[];
}

/** A licence extension of one DRM: 4 letters or digits, and a base64 payload. */
export interface PolicyExtension {
  drm: Drm;
  type: string;
  payload: string;
}

/** A parameter for every DRM, or for one alone. */
export interface PolicyParameter {
  drm?: Drm;
  name: string;
  value: string;
}

/** A content key as Postgres holds it: wrapped (RFC 3394) under the KEK named, or left with ExpressPlay's key storage. */
export type StoredContentKey =
  { source: 'wrapped'; kekId: string; ek: Uint8Array } | { source: 'key-storage'; kekId: string };
