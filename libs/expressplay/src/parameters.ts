// What the three token services have in common: the names of the parameters, the small checks, and how moments and extensions are sent.
import type { EventCode } from './codes.js';
import { InvalidTokenRequestError, type ParameterFault } from './errors.js';

/**
 * Every documented parameter of the three token services, and `deviceId`, whose codes are documented: the names exactly as they go
 * on the wire, where they are case-sensitive.
 */
export const PARAMETERS = {
  customerAuthenticator: 'customerAuthenticator',
  errorFormat: 'errorFormat',
  rightsType: 'rightsType',
  rentalPeriodEndTime: 'rental.periodEndTime',
  rentalPlayDuration: 'rental.playDuration',
  generalFlags: 'generalFlags',
  kid: 'kid',
  contentKey: 'contentKey',
  kek: 'kek',
  ek: 'ek',
  iv: 'iv',
  analogVideoOpl: 'analogVideoOPL',
  compressedDigitalAudioOpl: 'compressedDigitalAudioOPL',
  compressedDigitalVideoOpl: 'compressedDigitalVideoOPL',
  uncompressedDigitalAudioOpl: 'uncompressedDigitalAudioOPL',
  uncompressedDigitalVideoOpl: 'uncompressedDigitalVideoOPL',
  unknownOutputBehavior: 'unknownOutputBehavior',
  outputControlFlags: 'outputControlFlags',
  extensionType: 'extensionType',
  extensionPayload: 'extensionPayload',
  rentalDuration: 'rentalDuration',
  fpExtension: 'fpExtension',
  securityLevel: 'securityLevel',
  hdcpOutputControl: 'hdcpOutputControl',
  licenseDuration: 'licenseDuration',
  contentId: 'contentId',
  wvExtension: 'wvExtension',
  expirationTime: 'expirationTime',
  cookie: 'cookie',
  deviceId: 'deviceId',
} as const;

/** What the published tables do not list and this client knows of its own accord. */
export const UNLISTED_PARAMETERS = {
  /** `true` makes the licence URL come back with the `https` scheme. */
  useHttps: 'useHttps',
} as const;

/** What a public client sends and no table has. Output policies may name these too, as additional parameters. */
export const SEEN_PARAMETERS = {
  /** PlayReady's encryption: `aesctr` (CENC), `aescbc` (CBCS). */
  algId: 'algId',
  /** PlayReady's least certificate level for a key: 150, 2000 or 3000. */
  minCertSecurityLevel: 'minCertSecurityLevel',
  /** Widevine's seconds of viewing, where `licenseDuration` is read as the seconds in which the first playback has to start. */
  playbackDuration: 'playbackDuration',
  /** Widevine's track of a key: 0 SD, 1 HD, 2 audio, 3 UHD1, 4 UHD2. */
  trackType: 'trackType',
} as const;

/** A documented parameter's name on the wire. */
export type ParameterName = (typeof PARAMETERS)[keyof typeof PARAMETERS];

/**
 * One parameter as it goes on the wire, before form encoding. Bytes are keys: they are written in lower-case hex, straight
 * into the form, so that no string of them is left behind.
 */
export type WireParameter = readonly [name: string, value: string | Uint8Array];

/** The parameter, if there is a value for it. */
export function optional(name: string, value: string | number | undefined): WireParameter[] {
  return value === undefined ? [] : [[name, String(value)]];
}

/** What a request says of its token, whatever the DRM. */
export interface CommonTokenRequest {
  /** Until when the token can be redeemed, at most 30 days ahead. Sent in seconds, rounded down. */
  expiresAt: Date;
  /** At most 32 characters, logged by ExpressPlay's redemption server. */
  cookie?: string;
  /**
   * Sent as they are, after the documented ones. A documented name of any service, `useHttps`, an empty name and a name given twice
   * are refused. A name that the request's own fields send is left to them, whether or not it carries the numbers of keys there.
   */
  additionalParameters?: readonly AdditionalParameter[];
}

/** A parameter that the published tables do not list. */
export interface AdditionalParameter {
  /** The name on the wire, such as `minCertSecurityLevel`. */
  name: string;
  /** The value before form encoding. May be empty. */
  value: string;
}

/** @throws InvalidTokenRequestError when the parameter is refused */
export function refuseIf(refused: boolean, parameter: string, problem: EventCode | ParameterFault): void {
  if (refused) throw new InvalidTokenRequestError(parameter, problem);
}

/** Whether a value is an integer between two bounds, both included. */
export function isIntegerBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/**
 * Whether a value is a duration in seconds that ends: 0 means "no end" to ExpressPlay, and a rental rounded down to it must not
 * become a licence without one. Licences count in 32 bits.
 */
export function isDuration(seconds: number): boolean {
  return isIntegerBetween(seconds, 1, 0xffff_ffff);
}

export function isHex(text: string): boolean {
  return /^[0-9a-f]*$/i.test(text);
}

/** Whether a text survives being sent: half of a surrogate pair would arrive as U+FFFD. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** The number of characters of a text, where one beyond the basic plane is one character. */
export function characterCount(text: string): number {
  return [...text].length;
}

/** What is sent of a moment: RFC 3339 in `Z`, in seconds. Cutting the fraction rounds down, so that nothing outlasts its end. */
export function momentText(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`;
}

/** The moment that is sent, in milliseconds. */
export function sentMs(moment: Date): number {
  return Math.floor(moment.getTime() / 1000) * 1000;
}

/** A licence extension: a type of 4 letters or digits and a base64 payload. */
export interface LicenseExtension {
  type: string;
  payload: string;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Checks an extension whose type and payload go into the parameters named.
 *
 * @throws InvalidTokenRequestError -2036 a type of other than 4 letters or digits, -2035 no payload, -2037 a payload that is not
 *   base64
 */
export function checkExtension(
  { type, payload }: LicenseExtension,
  typeName: ParameterName,
  payloadName: ParameterName = typeName,
): void {
  refuseIf(!/^[A-Za-z0-9]{4}$/.test(type), typeName, -2036);
  refuseIf(payload === '', payloadName, -2035);
  refuseIf(!BASE64.test(payload), payloadName, -2037);
}

/** The repeatable parameter of FairPlay and Widevine: one `type,payload` for each extension. */
export function extensionParameters(
  name: ParameterName,
  extensions: readonly LicenseExtension[] = [],
): WireParameter[] {
  return extensions.map(({ type, payload }) => [name, `${type},${payload}`]);
}
