// A PlayReady token request as parameters: the table "Licence parameters: PlayReady".
import { keyParameters, kidParameter, type WireParameter } from './key-parameters.js';
import { momentText } from './moments.js';
import { PARAMETERS } from './parameters.js';
import type { OutputProtectionLevels, PlayReadyRights, PlayReadyTokenRequest } from './token-request.js';

/** `generalFlags` of a persistent licence. */
const PERSISTENT = '00000001';

/** The licence parameters of a valid PlayReady request (see `checkTokenRequest`), in the table's order. */
export function playReadyParameters(request: PlayReadyTokenRequest): WireParameter[] {
  const parameters: WireParameter[] = [
    ...rightsParameters(request.rights),
    kidParameter(request.kid),
    ...keyParameters(request.key),
    ...oplParameters(request.opl),
  ];
  if (request.unknownOutputBehavior !== undefined) {
    parameters.push([PARAMETERS.unknownOutputBehavior, request.unknownOutputBehavior]);
  }
  if (request.outputControlFlags !== undefined) {
    parameters.push([PARAMETERS.outputControlFlags, request.outputControlFlags.toLowerCase()]);
  }
  if (request.extension !== undefined) {
    parameters.push(
      [PARAMETERS.extensionType, request.extension.type],
      [PARAMETERS.extensionPayload, request.extension.payload],
    );
  }
  return parameters;
}

function rightsParameters(rights: PlayReadyRights): WireParameter[] {
  if (rights.type === 'buy-to-own') {
    const parameters: WireParameter[] = [[PARAMETERS.rightsType, 'BuyToOwn']];
    return rights.persistent ? [...parameters, [PARAMETERS.generalFlags, PERSISTENT]] : parameters;
  }
  const parameters: WireParameter[] = [
    [PARAMETERS.rightsType, 'Rental'],
    [PARAMETERS.rentalPeriodEndTime, momentText(rights.periodEndTime)],
  ];
  if (rights.playDurationSeconds !== undefined) {
    parameters.push([PARAMETERS.rentalPlayDuration, String(rights.playDurationSeconds)]);
  }
  // ExpressPlay refuses (-5003) a rental that is not persistent.
  return [...parameters, [PARAMETERS.generalFlags, PERSISTENT]];
}

function oplParameters(opl: OutputProtectionLevels): WireParameter[] {
  return [
    [PARAMETERS.analogVideoOpl, String(opl.analogVideo)],
    [PARAMETERS.compressedDigitalAudioOpl, String(opl.compressedDigitalAudio)],
    [PARAMETERS.compressedDigitalVideoOpl, String(opl.compressedDigitalVideo)],
    [PARAMETERS.uncompressedDigitalAudioOpl, String(opl.uncompressedDigitalAudio)],
    [PARAMETERS.uncompressedDigitalVideoOpl, String(opl.uncompressedDigitalVideo)],
  ];
}
