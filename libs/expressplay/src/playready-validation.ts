// Checks of a PlayReady request, in the order in which ExpressPlay looks at it.
import { isDuration, isHex, isWholeNumber, refuseIf } from './checks.js';
import { checkExtension } from './extension-validation.js';
import { checkKey, checkKid } from './key-validation.js';
import { sentMs } from './moments.js';
import { PARAMETERS, type ParameterName } from './parameters.js';
import type { OutputProtectionLevels, PlayReadyRights, PlayReadyTokenRequest } from './token-request.js';

/** The levels in the table's order, each with its wire name. */
const OPL_NAMES: readonly (readonly [keyof OutputProtectionLevels, ParameterName])[] = [
  ['analogVideo', PARAMETERS.analogVideoOpl],
  ['compressedDigitalAudio', PARAMETERS.compressedDigitalAudioOpl],
  ['compressedDigitalVideo', PARAMETERS.compressedDigitalVideoOpl],
  ['uncompressedDigitalAudio', PARAMETERS.uncompressedDigitalAudioOpl],
  ['uncompressedDigitalVideo', PARAMETERS.uncompressedDigitalVideoOpl],
];

/**
 * Checks the licence parameters of table "Licence parameters: PlayReady".
 *
 * @param now the moment that the end of a rental must lie after
 * @throws InvalidTokenRequestError for the first parameter at fault
 */
export function checkPlayReady(request: PlayReadyTokenRequest, now: Date): void {
  checkRights(request.rights, now);
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
    refuseIf(!isHex(outputControlFlags), PARAMETERS.outputControlFlags, -2008);
  }
  if (extension !== undefined) {
    checkExtension(extension, PARAMETERS.extensionType, PARAMETERS.extensionPayload);
  }
}

function checkRights(rights: PlayReadyRights, now: Date): void {
  refuseIf(rights.type !== 'buy-to-own' && rights.type !== 'rental', PARAMETERS.rightsType, -2021);
  if (rights.type === 'rental') {
    const { periodEndTime, playDurationSeconds } = rights;
    // RFC 3339 has four digits for the year; an invalid date has NaN for it.
    refuseIf(!isWholeNumber(periodEndTime.getUTCFullYear(), 0, 9999), PARAMETERS.rentalPeriodEndTime, -2022);
    refuseIf(sentMs(periodEndTime) <= now.getTime(), PARAMETERS.rentalPeriodEndTime, -2022);
    refuseIf(
      playDurationSeconds !== undefined && !isDuration(playDurationSeconds),
      PARAMETERS.rentalPlayDuration,
      -2025,
    );
  }
}
