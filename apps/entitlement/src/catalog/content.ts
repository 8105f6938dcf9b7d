// A title as the catalogue knows it: what a store says of it, how its outputs are protected, where its key is.
import { DomainError } from '@app/platform/problems';

/** The DRMs a title can be played with, in the words of the players' API and of the database. */
export const DRMS = ['playready', 'fairplay', 'widevine'] as const;

export type Drm = (typeof DRMS)[number];

/** How ids of contents are written, 1 to 128 characters; the database checks the same. */
export const CONTENT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** What an id that is not must be. */
export const CONTENT_ID_RULE = 'must be 1 to 128 letters, digits, dots, underscores and hyphens';

/** How names of output policies are written, 1 to 64 characters; the database checks the same. */
export const OUTPUT_POLICY_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** The tracks a key can be for: video from the least quality to the best, and audio. */
export const TRACKS = ['sd', 'hd', 'uhd1', 'uhd2', 'audio'] as const;

export type Track = (typeof TRACKS)[number];

/** How media is encrypted: AES-CTR (`cenc`), or AES-CBC with a pattern (`cbcs`). */
export const PROTECTION_SCHEMES = ['cenc', 'cbcs'] as const;

export type ProtectionScheme = (typeof PROTECTION_SCHEMES)[number];

/** One title a player can ask for. */
export interface Content {
  id: string;
  protectionScheme: ProtectionScheme;
  /** First moment it may be played; null when always. */
  availableFrom: Date | null;
  /** First moment it may no longer be played; null when it is not withdrawn. */
  withdrawnAt: Date | null;
  outputPolicy: OutputPolicy;
  /** One or more, in the store's order; none while the title cannot be played at all. */
  keys: TrackKey[];
}

/** A content key of a title, without the output policy of its own that it may have. */
interface KeyOfTitle {
  /** Key id, 32 lowercase hex digits; no two keys have the same. */
  kid: string;
  /** What it is for; none means all. */
  tracks: Track[];
  /** FairPlay's content encryption IV, 32 lowercase hex digits; without it the key is not for FairPlay. */
  iv: string | null;
  /** Null while only its KID is known. */
  key: StoredContentKey | null;
}

/** A key as a decision finds it. */
export interface TrackKey extends KeyOfTitle {
  /** Its own; null where that of the title counts. */
  outputPolicy: OutputPolicy | null;
}

/** A key as the store's side keeps it. */
export interface TrackKeyValues extends KeyOfTitle {
  /** Name of its own output policy; null where that of the title counts. */
  outputPolicy: string | null;
}

/** What a store says of a content. */
export interface ContentValues extends Pick<Content, 'protectionScheme' | 'availableFrom' | 'withdrawnAt'> {
  /** For people. */
  title: string;
  /** Name of its output policy. */
  outputPolicy: string;
}

/** What a store says of a content anew; what it leaves undefined stays as it is. */
export interface ContentOrder extends Omit<ContentValues, 'protectionScheme'> {
  protectionScheme: ProtectionScheme | undefined;
}

/** What a store says of the first key of a content, where it says nothing of the others. */
export interface FirstKey {
  /** Key id, 32 lowercase hex digits. */
  kid: string;
  /** 32 lowercase hex digits, or null. */
  iv: string | null;
}

/** A content as the store's side keeps it. */
export interface ContentEntry {
  id: string;
  /** Counts the changes of its values and of its keys. */
  version: number;
  values: ContentValues;
  keys: TrackKeyValues[];
}

/** What the outputs of a device must protect: output protection levels (OPL), integers from 0 to 999, and flags. */
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
  /** How long the owner may keep one, in seconds; null when without end, and where none is allowed. */
  offlineLicenseSeconds: number | null;
  /** The least certificate level of a device for PlayReady, 150, 2000 or 3000; null when ExpressPlay's default will do. */
  playreadyMinCertSecurityLevel: number | null;
  /** 1 (software crypto) to 5 (all in hardware); null, with `widevineHdcp`, when the title has no Widevine. */
  widevineSecurityLevel: number | null;
  /** 0 none, 1 HDCP 1, 2 HDCP 2.0, 3 HDCP 2.1, 4 HDCP 2.2, 5 no digital output. */
  widevineHdcp: number | null;
  /** Licence extensions of one DRM each: 4 letters or digits, and a base64 payload. */
  extensions: { drm: Drm; type: string; payload: string }[];
  /** Parameters that the published tables do not list, sent as they are: for every DRM, or for one alone. */
  additionalParameters: { drm?: Drm; name: string; value: string }[];
}

/** An output policy as the store's side keeps it; the version counts the changes. */
export interface OutputPolicyEntry {
  name: string;
  version: number;
  policy: OutputPolicy;
}

/** A content key as Postgres holds it: wrapped (RFC 3394) under the KEK named, or left with ExpressPlay's key storage. */
export type StoredContentKey =
  { source: 'wrapped'; kekId: string; ek: Uint8Array } | { source: 'key-storage'; kekId: string };

/** What the columns of a key say: none, one in ExpressPlay's key storage, or one wrapped. */
export function storedKey(kekId: string | null, ek: Uint8Array | null): StoredContentKey | null {
  if (kekId === null) return null;
  return ek === null ? { source: 'key-storage', kekId } : { source: 'wrapped', kekId, ek };
}

/** A key that a store hands in. Byte arrays are the receiver's, who zeroes the clear one. */
export type ContentKeyOrder =
  | { kind: 'clear'; contentKey: Uint8Array }
  | { kind: 'wrapped'; kekId: string; ek: Uint8Array }
  | { kind: 'key-storage'; kekId: string };

/** A track key that a store hands in. */
export interface TrackKeyOrder extends Omit<TrackKeyValues, 'key'> {
  /** Null where the title keeps the key that it has under this KID. */
  order: ContentKeyOrder | null;
}

/** Zeroes the clear keys among those handed in. */
export function clearOrders(orders: readonly TrackKeyOrder[]): void {
  for (const { order } of orders) if (order?.kind === 'clear') order.contentKey.fill(0);
}

/** The catalogue has no such content. */
export class UnknownContentError extends DomainError {
  constructor() {
    super('content-not-found', 'There is no such content.');
  }
}
