// The parameters that each token service reads. What else is sent is ignored, and named in the record of requests.
import { type ParameterName, PARAMETERS } from '@app/expressplay';

const P = PARAMETERS;

const COMMON: readonly ParameterName[] = [
  P.customerAuthenticator,
  P.errorFormat,
  P.generalFlags,
  P.kid,
  P.contentKey,
  P.kek,
  P.ek,
  P.outputControlFlags,
  P.rightsType,
  P.rentalPeriodEndTime,
  P.rentalPlayDuration,
  P.expirationTime,
  P.cookie,
  P.deviceId,
];

const OUTPUT_PROTECTION_LEVELS: readonly ParameterName[] = [
  P.analogVideoOpl,
  P.compressedDigitalAudioOpl,
  P.compressedDigitalVideoOpl,
  P.uncompressedDigitalAudioOpl,
  P.uncompressedDigitalVideoOpl,
];

/** PlayReady's table, and what its codes say it reads too. */
export const PLAYREADY_PARAMETERS: ReadonlySet<string> = new Set([
  ...COMMON,
  ...OUTPUT_PROTECTION_LEVELS,
  P.unknownOutputBehavior,
  P.extensionType,
  P.extensionPayload,
]);

/** FairPlay's table, what its codes say it reads too, and the levels of its published sample. */
export const FAIRPLAY_PARAMETERS: ReadonlySet<string> = new Set([
  ...COMMON,
  ...OUTPUT_PROTECTION_LEVELS,
  P.iv,
  P.rentalDuration,
  P.fpExtension,
]);

/** Widevine's table, and what its codes say it reads too. */
export const WIDEVINE_PARAMETERS: ReadonlySet<string> = new Set([
  ...COMMON,
  P.securityLevel,
  P.hdcpOutputControl,
  P.licenseDuration,
  P.rentalDuration,
  P.contentId,
  P.wvExtension,
]);
