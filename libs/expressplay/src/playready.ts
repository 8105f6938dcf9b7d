// PlayReady: what a request says, its checks in the order in which ExpressPlay looks at it, and its parameters.
import { checkKeys, numberedParameters, type TrackKey } from './keys.js';
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
  SEEN_PARAMETERS,
  type CommonTokenRequest,
  type LicenseExtension,
  type ParameterName,
  type WireParameter,
} from './parameters.js';

/** A key with what a device and its outputs must have for it, beyond any table. */
export interface PlayReadyKey extends TrackKey {
  /** The least certificate level of the device: 150, 2000 or 3000. */
  minCertSecurityLevel?: number;
}

/** Table "Licence parameters: PlayReady". */
export interface PlayReadyTokenRequest extends CommonTokenRequest, PlayReadyKey {
  drm: 'playready';
  /** The title's further keys, where it has several; one may have levels of its own, which are then sent for each key. */
  otherKeys?: readonly (PlayReadyKey & { opl?: OutputProtectionLevels })[];
  /** How the content is encrypted: `aesctr` (CENC) or `aescbc` (CBCS); in no table. */
  algId?: 'aesctr' | 'aescbc';
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
  const keys = keysOf(request);
  checkKeys(keys);
  refuseIf(request.algId !== undefined && !['aesctr', 'aescbc'].includes(request.algId), SEEN_PARAMETERS.algId, -2005);
  for (const { minCertSecurityLevel: least } of keys) {
    refuseIf(least !== undefined && ![150, 2000, 3000].includes(least), SEEN_PARAMETERS.minCertSecurityLevel, -2034);
  }
  for (const { opl = request.opl } of keys) {
    for (const [level, parameter] of OPL_NAMES) {
      refuseIf(opl[level] === undefined, parameter, -5006);
      refuseIf(!isIntegerBetween(opl[level], 0, 999), parameter, -2034);
    }
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
  const keys = keysOf(request);
  const areLevelsOwn = keys.slice(1).some(({ opl }) => opl !== undefined);
  return [
    ...rightsParameters(request.rights),
    ...numberedParameters(keys, ({ minCertSecurityLevel, opl = request.opl }) => [
      ...optional(SEEN_PARAMETERS.minCertSecurityLevel, minCertSecurityLevel),
      ...(areLevelsOwn ? levelParameters(opl) : []),
    ]),
    ...optional(SEEN_PARAMETERS.algId, request.algId),
    ...(areLevelsOwn ? [] : levelParameters(request.opl)),
    ...optional(PARAMETERS.unknownOutputBehavior, request.unknownOutputBehavior),
    ...optional(PARAMETERS.outputControlFlags, request.outputControlFlags?.toLowerCase()),
    ...optional(PARAMETERS.extensionType, extension?.type),
    ...optional(PARAMETERS.extensionPayload, extension?.payload),
  ];
}

function levelParameters(opl: OutputProtectionLevels): WireParameter[] {
  return OPL_NAMES.map(([level, name]) => [name, String(opl[level])]);
}

function keysOf(request: PlayReadyTokenRequest): (PlayReadyKey & { opl?: OutputProtectionLevels })[] {
  return [request, ...(request.otherKeys ?? [])];
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
