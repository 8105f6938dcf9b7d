// Checks of a token request before anything is sent: what ExpressPlay would refuse is refused here, with its code.
import { InvalidTokenRequestError } from './errors.js';
import type { EventCode } from './event-codes.js';
import { checkKey, checkKid } from './key-validation.js';
import { PARAMETERS, type ParameterName } from './parameters.js';
import type {
  FairPlayTokenRequest,
  LicenseExtension,
  OutputProtectionLevels,
  PlayReadyRights,
  PlayReadyTokenRequest,
  TokenRequest,
} from './token-request.js';

const LONGEST_TOKEN_LIFE_SECONDS = 30 * 24 * 60 * 60;
const LONGEST_COOKIE = 32;
const AUTHENTICATOR = /^\d+,[0-9a-f]{32}$/i;
const HEX = /^[0-9a-f]*$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The levels in the table's order, each with its wire name. */
const OPL_NAMES: readonly (readonly [keyof OutputProtectionLevels, ParameterName])[] = [
  ['analogVideo', PARAMETERS.analogVideoOpl],
  ['compressedDigitalAudio', PARAMETERS.compressedDigitalAudioOpl],
  ['compressedDigitalVideo', PARAMETERS.compressedDigitalVideoOpl],
  ['uncompressedDigitalAudio', PARAMETERS.uncompressedDigitalAudioOpl],
  ['uncompressedDigitalVideo', PARAMETERS.uncompressedDigitalVideoOpl],
];

/**
 * Checks that an authenticator has the form `<number>,<32 hex digits>`.
 *
 * @throws InvalidTokenRequestError without its value
 */
export function checkAuthenticator(customerAuthenticator: string): void {
  refuseIf(customerAuthenticator === '', PARAMETERS.customerAuthenticator, -2017);
  refuseIf(!AUTHENTICATOR.test(customerAuthenticator), PARAMETERS.customerAuthenticator, -2018);
}

/**
 * Checks a request against the licence parameters of its DRM. Whether a moment lies in the past is left to ExpressPlay,
 * whose clock counts.
 *
 * @throws InvalidTokenRequestError for the first parameter at fault
 */
export function checkTokenRequest(request: TokenRequest): void {
  switch (request.drm) {
    case 'playready':
      checkPlayReady(request);
      break;
    case 'fairplay':
      checkFairPlay(request);
      break;
  }
  refuseIf(!isWholeNumber(request.expiresInSeconds, 1, LONGEST_TOKEN_LIFE_SECONDS), PARAMETERS.expirationTime, -2002);
  refuseIf(request.cookie !== undefined && [...request.cookie].length > LONGEST_COOKIE, PARAMETERS.cookie, -2033);
}

function checkPlayReady(request: PlayReadyTokenRequest): void {
  checkRights(request.rights);
  checkKid(request.kid);
  checkKey(request.key);
  for (const [level, parameter] of OPL_NAMES) {
    refuseIf(request.opl[level] === undefined, parameter, -5006);
    refuseIf(!isWholeNumber(request.opl[level], 0, 999), parameter, -2034);
  }
  const { unknownOutputBehavior, outputControlFlags, extension } = request;
  refuseIf(
    unknownOutputBehavior !== undefined && !['Allow', 'Disallow', 'SDOnly'].includes(unknownOutputBehavior),
    PARAMETERS.unknownOutputBehavior,
    -5001,
  );
  if (outputControlFlags !== undefined) {
    refuseIf(outputControlFlags.length !== 8, PARAMETERS.outputControlFlags, -2040);
    refuseIf(!HEX.test(outputControlFlags), PARAMETERS.outputControlFlags, -2008);
  }
  if (extension !== undefined) {
    checkExtension(extension, PARAMETERS.extensionType, PARAMETERS.extensionPayload);
  }
}

function checkRights(rights: PlayReadyRights): void {
  refuseIf(rights.type !== 'buy-to-own' && rights.type !== 'rental', PARAMETERS.rightsType, -2021);
  if (rights.type === 'rental') {
    // RFC 3339 has four digits for the year; an invalid date has NaN for it.
    refuseIf(!isWholeNumber(rights.periodEndTime.getUTCFullYear(), 0, 9999), PARAMETERS.rentalPeriodEndTime, -2022);
    refuseIf(
      rights.playDurationSeconds !== undefined && !isWholeNumber(rights.playDurationSeconds, 1),
      PARAMETERS.rentalPlayDuration,
      -2025,
    );
  }
}

function checkFairPlay(request: FairPlayTokenRequest): void {
  // A duration of 0 is "no rental" to ExpressPlay: a rental rounded down to it must not become a licence without an end.
  refuseIf(
    request.rentalDurationSeconds !== undefined && !isWholeNumber(request.rentalDurationSeconds, 1),
    PARAMETERS.rentalDuration,
    -6007,
  );
  if (request.key.kind === 'key-storage') {
    if (request.kid === undefined) {
      throw new InvalidTokenRequestError(PARAMETERS.kid, -6005);
    }
    checkKid(request.kid);
  }
  checkKey(request.key);
  refuseIf(request.iv.length !== 32 || !HEX.test(request.iv), PARAMETERS.iv, -6003);
  for (const extension of request.extensions ?? []) {
    checkExtension(extension, PARAMETERS.fpExtension, PARAMETERS.fpExtension);
  }
}

function checkExtension(extension: LicenseExtension, typeName: ParameterName, payloadName: ParameterName): void {
  refuseIf(!/^[A-Za-z0-9]{4}$/.test(extension.type), typeName, -2036);
  refuseIf(extension.payload === '', payloadName, -2035);
  refuseIf(!BASE64.test(extension.payload), payloadName, -2037);
}

function isWholeNumber(value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function refuseIf(refused: boolean, parameter: ParameterName, code: EventCode): void {
  if (refused) {
    throw new InvalidTokenRequestError(parameter, code);
  }
}
