// What a token service is, and the checks that all have in common, in the order in which they look.
import type { EventCode, TokenService } from '@app/expressplay';
import { EventError } from '../protocol/errors.js';
import type { Account } from '../accounts/account.js';
import type { KeyParameters, ParameterName, TokenParameters } from '../protocol/parameters.js';
import {
  characterCount,
  isBase64,
  isHex,
  readMoment,
  readSeconds,
  readInteger,
  REPLACEMENT_CHARACTER,
} from '../protocol/values.js';
import type { Extension, LicenseTerms, OutputProtectionLevels, RightsType } from '../tokens/token.js';
import type { ContentKey, StoredKey } from './keys.js';

/** What differs between the token services. */
export interface TokenServiceDefinition {
  readonly service: TokenService;
  /** Where it is, below the emulator's base URL. */
  readonly path: string;
  /** Where its licence server is. */
  readonly rightsPath: string;
  /**
   * Checks the licence parameters in the documented order and reads them.
   *
   * @param issuedAt the moment of the token's issue, which relative times count from
   * @param account whose options say what it may ask for
   * @throws EventError with the code of the first check that fails
   */
  check(parameters: TokenParameters, issuedAt: Date, account?: Pick<Account, 'publishedTables'>): CheckedRequest;
  /** The body of a success. @param rightsUrl the licence server's address */
  readonly answer: (rightsUrl: string, token: string) => string;
}

/** A request for a token, decoded and not yet checked. */
export interface TokenAsked {
  readonly definition: TokenServiceDefinition;
  readonly method: string;
  readonly parameters: TokenParameters;
}

/** A request whose parameters passed the checks. */
export interface CheckedRequest {
  readonly terms: LicenseTerms;
  /** The keys that the request has. */
  readonly givenKeys: readonly ContentKey[];
  /** The keys to be looked up in the key storage: those that the request has not. */
  readonly storedKeys: readonly StoredKey[];
  readonly expiresAt: Date;
  readonly cookie: string | null;
}

/** The terms that most services do not have, in the order in which all are shown. */
export const NO_TERMS = {
  kid: null,
  contentId: null,
  rightsType: 'BuyToOwn',
  persistent: false,
  rentalEndsAt: null,
  playDurationSeconds: null,
  startWithinSeconds: null,
  rentalDurationSeconds: null,
  securityLevel: null,
  algorithm: null,
} as const satisfies Partial<LicenseTerms>;

/** No output protection, in the order in which it is shown. */
export const NO_PROTECTION: LicenseTerms['outputProtection'] = {
  analogVideo: null,
  compressedDigitalAudio: null,
  compressedDigitalVideo: null,
  uncompressedDigitalAudio: null,
  uncompressedDigitalVideo: null,
  unknownOutputBehavior: null,
  outputControlFlags: null,
  hdcp: null,
};

/** Reads the required `rightsType`. @throws EventError -2020, -2021 */
export function readRightsType(parameters: TokenParameters): RightsType {
  const value = parameters.get('rightsType');
  if (value === undefined || value === '') throw new EventError(-2020);
  if (value !== 'BuyToOwn' && value !== 'Rental') throw new EventError(-2021);
  return value;
}

/**
 * Reads `rental.periodEndTime` (required with `Rental`, and in the future) and `rental.playDuration` (seconds, optional).
 *
 * @throws EventError -2022, -2025, both also for the parameter's presence with `BuyToOwn`
 */
export function readRental(
  parameters: TokenParameters,
  rightsType: RightsType,
  issuedAt: Date,
): Pick<LicenseTerms, 'rentalEndsAt' | 'playDurationSeconds'> {
  const periodEndTime = parameters.get('rental.periodEndTime');
  const playDuration = parameters.get('rental.playDuration');
  if (rightsType === 'BuyToOwn') {
    if (periodEndTime !== undefined) throw new EventError(-2022, 'rental.periodEndTime is valid only with Rental');
    if (playDuration !== undefined) throw new EventError(-2025, 'rental.playDuration is valid only with Rental');
    return { rentalEndsAt: null, playDurationSeconds: null };
  }
  if (periodEndTime === undefined || periodEndTime === '') throw new EventError(-2022);
  return {
    rentalEndsAt: readFutureMoment(periodEndTime, issuedAt, -2022).toISOString(),
    playDurationSeconds: playDuration === undefined ? null : readPlaySeconds(playDuration, -2025),
  };
}

/** Checks the `generalFlags` of the services that allow `0000` alone. @throws EventError -5003 */
export function checkZeroFlags(parameters: TokenParameters): void {
  const value = parameters.get('generalFlags');
  if (value !== undefined && value !== '0000') throw new EventError(-5003, '0000 is the only value allowed');
}

/** Reads `rentalDuration`: seconds, null for 0 (no rental) and when it is not given. @throws EventError -6007 */
export function readRentalDuration(parameters: TokenParameters): number | null {
  const seconds = readSeconds(parameters.get('rentalDuration') ?? '0', 0);
  if (seconds === undefined) throw new EventError(-6007);
  return seconds || null;
}

function readFutureMoment(value: string, issuedAt: Date, code: -2002 | -2022): Date {
  const moment = readMoment(value, issuedAt);
  if (moment === undefined) throw new EventError(code, `${value} is no RFC 3339 date-time in Z and no +seconds`);
  if (moment <= issuedAt) throw new EventError(code, `${value} is not in the future`);
  return moment;
}

/** Reads seconds of play, at least 1. @throws EventError with the parameter's code */
export function readPlaySeconds(value: string, code: -2025 | -7007): number {
  const seconds = readSeconds(value, 1);
  if (seconds === undefined) throw new EventError(code, 'it is an integer of seconds, at least 1');
  return seconds;
}

/**
 * Reads the five output protection levels, integers 0-999.
 *
 * @param required whether each of them must be given (PlayReady), or may be (FairPlay, as its published sample does)
 * @throws EventError -5006, -2034
 */
export function readOutputProtectionLevels(
  parameters: KeyParameters,
  { required }: { required: boolean },
): OutputProtectionLevels {
  const read = (name: ParameterName): number | null => {
    const value = parameters.get(name);
    if (value === undefined && required) throw new EventError(-5006, name);
    if (value === undefined) return null;
    const level = readInteger(value, 0, 999);
    if (level === undefined) throw new EventError(-2034, `${name} is an integer 0-999`);
    return level;
  };
  return {
    analogVideo: read('analogVideoOPL'),
    compressedDigitalAudio: read('compressedDigitalAudioOPL'),
    compressedDigitalVideo: read('compressedDigitalVideoOPL'),
    uncompressedDigitalAudio: read('uncompressedDigitalAudioOPL'),
    uncompressedDigitalVideo: read('uncompressedDigitalVideoOPL'),
  };
}

/** Reads a parameter that is one of some values, null when it is not given. @throws EventError with the given code */
export function readOneOf(
  parameters: KeyParameters,
  name: ParameterName,
  values: readonly string[],
  code: EventCode,
): string | null {
  const value = parameters.get(name) ?? null;
  if (value !== null && !values.includes(value)) throw new EventError(code, `${name} is one of ${values.join(', ')}`);
  return value;
}

/** Reads `outputControlFlags`, 4 bytes in hex, null when they are not given. @throws EventError -2040, -2008 */
export function readOutputControlFlags(parameters: TokenParameters): string | null {
  const value = parameters.get('outputControlFlags') ?? null;
  if (value === null) return null;
  if (value.length !== 8) throw new EventError(-2040);
  if (!isHex(value)) throw new EventError(-2008, 'they are not hexadecimal');
  return value;
}

/**
 * Reads one `type,payload`. The published codes do not say which part of a bad one gives which code: here a value without
 * a comma has the service's own code, and the parts have the codes of PlayReady's pair.
 */
export function readPair(value: string, malformed: EventCode): Extension {
  const comma = value.indexOf(',');
  if (comma === -1) throw new EventError(malformed, 'it is extensionType,extensionPayload');
  return checkExtension(value.slice(0, comma), value.slice(comma + 1));
}

export function checkExtension(type: string, payload: string | undefined): Extension {
  if (characterCount(type) !== 4) throw new EventError(-2036);
  if (payload === undefined || payload === '') throw new EventError(-2035, 'the extension has no payload');
  if (!isBase64(payload)) throw new EventError(-2037);
  return { type, payload };
}

/** The longest life of a token, and the one it has by default: 30 days. */
const LONGEST_LIFE_MS = 30 * 24 * 3600 * 1000;

/** Reads `expirationTime`: in the future, and at most 30 days from the token's issue. @throws EventError -2002 */
export function readExpiration(parameters: TokenParameters, issuedAt: Date): Date {
  const latest = new Date(issuedAt.getTime() + LONGEST_LIFE_MS);
  const value = parameters.get('expirationTime');
  if (value === undefined) return latest;
  const expiresAt = readFutureMoment(value, issuedAt, -2002);
  if (expiresAt > latest) throw new EventError(-2002, `${value} is more than 30 days ahead`);
  return expiresAt;
}

/** Reads `cookie`: at most 32 characters, null when it is not given. @throws EventError -2033 */
export function readCookie(parameters: TokenParameters): string | null {
  const cookie = parameters.get('cookie') ?? null;
  if (cookie === null) return null;
  if (characterCount(cookie) > 32) throw new EventError(-2033, 'it has more than 32 characters');
  if (cookie.includes(REPLACEMENT_CHARACTER)) throw new EventError(-2033, 'it is not UTF-8');
  return cookie;
}
