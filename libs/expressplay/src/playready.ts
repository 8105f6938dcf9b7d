// PlayReady: what a request says, its checks in the order in which ExpressPlay looks at it, and its parameters.
import { checkKey, checkKid, keyParameters, kidParameter, type ContentKeySource } from './keys.js';
import {
  checkExtension,
  isDuration,
  isHex,
  isIntegerBetween,
  momentText,
  optional,
  PARAMETERS,
  refuseIf,
  sentMs,
  type CommonTokenRequest,
  type LicenseExtension,
  type ParameterName,
  type WireParameter,
} from './parameters.js';

/** Table "Licence parameters: PlayReady". */
export interface PlayReadyTokenRequest extends CommonTokenRequest {
  drm: 'playready';
  /** The KID: 32 hex digits, or `^` and at most 64 characters. */
  kid: string;
  key: ContentKeySource;
  rights: PlayReadyRights;
  opl: OutputProtectionLevels;
  unknownOutputBehavior?: 'Allow' | 'Disallow' | 'SDOnly';
  /** 4 bytes as 8 hex digits. */
  outputControlFlags?: string;
  extension?: LicenseExtension;
}

/** The rights of a PlayReady licence. */
export type PlayReadyRights =
  | { type: 'buy-to-own'; persistent: boolean }
  /**
   * Always a persistent licence, as ExpressPlay demands. The end is sent in seconds, rounded down; `playDurationSeconds` is an
   * integer of at least 1 that 32 bits can hold, counted by the device from the first play.
   */
  | { type: 'rental'; periodEndTime: Date; playDurationSeconds?: number };

/** Output protection levels (OPL), each an integer 0-999. */
export interface OutputProtectionLevels {
  analogVideo: number;
  compressedDigitalAudio: number;
  compressedDigitalVideo: number;
  uncompressedDigitalAudio: number;
  uncompressedDigitalVideo: number;
}

/** The levels in the table's order, each with its wire name. */
const OPL_NAMES: readonly (readonly [keyof OutputProtectionLevels, ParameterName])[] = [
  ['analogVideo', PARAMETERS.analogVideoOpl],
  ['compressedDigitalAudio', PARAMETERS.compressedDigitalAudioOpl],
  ['compressedDigitalVideo', PARAMETERS.compressedDigitalVideoOpl],
  ['uncompressedDigitalAudio', PARAMETERS.uncompressedDigitalAudioOpl],
  ['uncompressedDigitalVideo', PARAMETERS.uncompressedDigitalVideoOpl],
];

/**
 * @param now the moment that the end of a rental must lie after
 * @throws InvalidTokenRequestError for the first parameter at fault
 */
export function checkPlayReady(request: PlayReadyTokenRequest, now: Date): void {
  checkRights(request.rights, now);
  checkKid(request.kid);
  checkKey(request.key);
  for (const [level, parameter] of OPL_NAMES) {
    refuseIf(request.opl[level] === undefined, parameter, -5006);
    refuseIf(!isIntegerBetween(request.opl[level], 0, 999), parameter, -2034);
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
  if (extension !== undefined) checkExtension(extension, PARAMETERS.extensionType, PARAMETERS.extensionPayload);
}

function checkRights(rights: PlayReadyRights, now: Date): void {
  refuseIf(rights.type !== 'buy-to-own' && rights.type !== 'rental', PARAMETERS.rightsType, -2021);
  if (rights.type === 'buy-to-own') return;
  const { periodEndTime, playDurationSeconds } = rights;
  // RFC 3339 has four digits for the year; an invalid date has NaN for it.
  refuseIf(!isIntegerBetween(periodEndTime.getUTCFullYear(), 0, 9999), PARAMETERS.rentalPeriodEndTime, -2022);
  refuseIf(sentMs(periodEndTime) <= now.getTime(), PARAMETERS.rentalPeriodEndTime, -2022);
  refuseIf(playDurationSeconds !== undefined && !isDuration(playDurationSeconds), PARAMETERS.rentalPlayDuration, -2025);
}

/** The licence parameters of a request that was checked, in the table's order. */
export function playReadyParameters(request: PlayReadyTokenRequest): WireParameter[] {
  const { extension } = request;
  return [
    ...rightsParameters(request.rights),
    kidParameter(request.kid),
    ...keyParameters(request.key),
    ...OPL_NAMES.map(([level, name]): WireParameter => [name, String(request.opl[level])]),
    ...optional(PARAMETERS.unknownOutputBehavior, request.unknownOutputBehavior),
    ...optional(PARAMETERS.outputControlFlags, request.outputControlFlags?.toLowerCase()),
    ...optional(PARAMETERS.extensionType, extension?.type),
    ...optional(PARAMETERS.extensionPayload, extension?.payload),
  ];
}

function rightsParameters(rights: PlayReadyRights): WireParameter[] {
  const persistent: WireParameter = [PARAMETERS.generalFlags, '00000001'];
  if (rights.type === 'buy-to-own') {
    return [[PARAMETERS.rightsType, 'BuyToOwn'], ...(rights.persistent ? [persistent] : [])];
  }
  return [
    [PARAMETERS.rightsType, 'Rental'],
    [PARAMETERS.rentalPeriodEndTime, momentText(rights.periodEndTime)],
    ...optional(PARAMETERS.rentalPlayDuration, rights.playDurationSeconds),
    persistent, // ExpressPlay refuses (-5003) a rental that is not
  ];
}
