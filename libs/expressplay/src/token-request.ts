// What a caller asks of ExpressPlay, as types: one request for each DRM. The wire names are in `parameters.ts`.

/** The DRMs a token can be bought for. */
export type Drm = TokenRequest['drm'];

/** Where ExpressPlay takes the content key from (the rows `contentKey`, `kek`, `ek` and `kid` of the licence parameters). */
export type ContentKeySource =
  /** `kek` + `ek`: the KEK (16, 24 or 32 bytes) and the content key wrapped under it with RFC 3394 (24 bytes). */
  | { kind: 'wrapped'; kek: Uint8Array; ek: Uint8Array }
  /** `kek` + `kid`: ExpressPlay's key storage holds the wrapped key under the request's `kid`. */
  | { kind: 'key-storage'; kek: Uint8Array }
  /** `contentKey`: the 16 bytes of the key itself, for accounts that need it. */
  | { kind: 'clear'; contentKey: Uint8Array };

/** Output protection levels (OPL), each a whole number 0-999. */
export interface OutputProtectionLevels {
  analogVideo: number;
  compressedDigitalAudio: number;
  compressedDigitalVideo: number;
  uncompressedDigitalAudio: number;
  uncompressedDigitalVideo: number;
}

/** A licence extension: a type of 4 letters or digits and a base64 payload. */
export interface LicenseExtension {
  type: string;
  payload: string;
}

/** A parameter that the published tables do not list. */
export interface AdditionalParameter {
  /** The name on the wire, such as `minCertSecurityLevel`. */
  name: string;
  /** The value before form encoding. May be empty. */
  value: string;
}

/** What every request has. */
interface CommonTokenRequest {
  key: ContentKeySource;
  /** Until when the token can be redeemed, at most 30 days ahead. Sent in whole seconds, rounded down. */
  expiresAt: Date;
  /** At most 32 characters, logged by ExpressPlay's redemption server. */
  cookie?: string;
  /**
   * Sent as they are, after the documented ones. A documented name of any service, `useHttps`, an empty name and a name given twice
   * are refused.
   */
  additionalParameters?: readonly AdditionalParameter[];
}

/** The rights of a PlayReady licence. */
export type PlayReadyRights =
  | { type: 'buy-to-own'; persistent: boolean }
  /**
   * Always a persistent licence, as ExpressPlay demands. The end is sent in whole seconds, rounded down;
   * `playDurationSeconds` is a whole number of at least 1 that 32 bits can hold, counted by the device from the first play.
   */
  | { type: 'rental'; periodEndTime: Date; playDurationSeconds?: number };

/** Table "Licence parameters: PlayReady". */
export interface PlayReadyTokenRequest extends CommonTokenRequest {
  drm: 'playready';
  /** The KID: 32 hex digits, or `^` and at most 64 characters. */
  kid: string;
  rights: PlayReadyRights;
  opl: OutputProtectionLevels;
  unknownOutputBehavior?: 'Allow' | 'Disallow' | 'SDOnly';
  /** 4 bytes as 8 hex digits. */
  outputControlFlags?: string;
  extension?: LicenseExtension;
}

/** Table "Licence parameters: FairPlay". */
export interface FairPlayTokenRequest extends CommonTokenRequest {
  drm: 'fairplay';
  /** The content encryption IV: 32 hex digits. */
  iv: string;
  /** The KID as for PlayReady. Needed and sent with key storage only: a `kek` goes with one of `kid` and `ek`. */
  kid?: string;
  /** A whole number of seconds, at least 1, that 32 bits can hold. Absent means no rental. */
  rentalDurationSeconds?: number;
  extensions?: readonly LicenseExtension[];
}

/** Table "Licence parameters: Widevine". */
export interface WidevineTokenRequest extends CommonTokenRequest {
  drm: 'widevine';
  /** The KID as for PlayReady. */
  kid: string;
  /** How well the device must protect decryption and decoding: 1 (cryptography in software) to 5 (everything in hardware). */
  securityLevel: number;
  /** The HDCP that an output must have: 0 none, 1 version 1, 2 version 2. */
  hdcpOutputControl: number;
  /** A whole number of seconds of play, at least 1, that 32 bits can hold. Absent means no limit. */
  licenseDurationSeconds?: number;
  contentId?: string;
  extensions?: readonly LicenseExtension[];
}

/** A request for one token. */
export type TokenRequest = PlayReadyTokenRequest | FairPlayTokenRequest | WidevineTokenRequest;

/** A token as ExpressPlay sold it, in one shape for both shapes of answer. */
export interface IssuedToken {
  /** The licence URL with the token in it, ready to use. */
  licenseUrl: string;
  /** The licence URL without the token. */
  licenseAcquisitionUrl: string;
  /** The token: URL-safe base64. A secret of the player's until it is redeemed. */
  token: string;
}
