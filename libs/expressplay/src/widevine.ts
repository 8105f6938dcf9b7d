// Widevine: what a request says, its checks in the order in which ExpressPlay looks at it, and its parameters.
import { checkKeys, numberedParameters, type TrackKey } from './keys.js';
import {
  characterCount,
  checkExtension,
  extensionParameters,
  isDuration,
  isIntegerBetween,
  isWellFormed,
  optional,
  PARAMETERS,
  refuseIf,
  SEEN_PARAMETERS,
  type CommonTokenRequest,
  type LicenseExtension,
  type WireParameter,
} from './parameters.js';

/** A key with what a device and its output must have for it. */
export interface WidevineKey extends TrackKey {
  /** How well the device must protect decryption and decoding: 1 (cryptography in software) to 5 (everything in hardware). */
  securityLevel: number;
  /** The HDCP that an output must have: 0 none, 1 version 1, 2 version 2; in no table, but seen: 3 version 2.1, 4 version 2.2, 5 no digital output. */
  hdcpOutputControl: number;
  /** 0 SD, 1 HD, 2 audio, 3 UHD1, 4 UHD2; in no table. */
  trackType?: number;
}

/** Table "Licence parameters: Widevine". */
export interface WidevineTokenRequest extends CommonTokenRequest, WidevineKey {
  drm: 'widevine';
  /** The title's further keys, where it has several. */
  otherKeys?: readonly WidevineKey[];
  /** Whether the licence may be kept, by `generalFlags` of 8 digits, which no table has; absent, none are sent. */
  persistent?: boolean;
  /** Seconds of play, an integer of at least 1 that 32 bits can hold. Absent means no limit. */
  licenseDurationSeconds?: number;
  /**
   * Seconds of viewing, in no table; of the same range. An account that takes it reads the licence duration as the seconds in which
   * the first playback has to start.
   */
  playbackDurationSeconds?: number;
  /** At most 36 characters. */
  contentId?: string;
  extensions?: readonly LicenseExtension[];
}

/**
 * No code of its own is documented for an HDCP output control that is out of range: it is -2034, as for any output control.
 *
 * @throws InvalidTokenRequestError for the first parameter at fault
 */
export function checkWidevine(request: WidevineTokenRequest): void {
  const { licenseDurationSeconds: duration, playbackDurationSeconds: viewing, contentId } = request;
  const keys = keysOf(request);
  refuseIf(duration !== undefined && !isDuration(duration), PARAMETERS.licenseDuration, -7007);
  refuseIf(viewing !== undefined && !isDuration(viewing), SEEN_PARAMETERS.playbackDuration, -7007);
  checkKeys(keys);
  for (const { trackType } of keys) {
    refuseIf(trackType !== undefined && !isIntegerBetween(trackType, 0, 4), SEEN_PARAMETERS.trackType, -6005);
  }
  refuseIf(contentId !== undefined && !isWellFormed(contentId), PARAMETERS.contentId, 'ill-formed-text');
  refuseIf(contentId !== undefined && characterCount(contentId) > 36, PARAMETERS.contentId, -6005);
  for (const { securityLevel } of keys) {
    refuseIf(securityLevel === undefined, PARAMETERS.securityLevel, -7003);
    refuseIf(!isIntegerBetween(securityLevel, 1, 5), PARAMETERS.securityLevel, -7004);
  }
  for (const { hdcpOutputControl } of keys) {
    refuseIf(hdcpOutputControl === undefined, PARAMETERS.hdcpOutputControl, -7006);
    refuseIf(!isIntegerBetween(hdcpOutputControl, 0, 5), PARAMETERS.hdcpOutputControl, -2034);
  }
  for (const extension of request.extensions ?? []) checkExtension(extension, PARAMETERS.wvExtension);
}

/** The licence parameters of a request that was checked, in the table's order. */
export function widevineParameters(request: WidevineTokenRequest): WireParameter[] {
  return [
    ...optional(
      PARAMETERS.generalFlags,
      request.persistent === undefined ? undefined : request.persistent ? '00000001' : '00000000',
    ),
    ...numberedParameters(keysOf(request), ({ securityLevel, hdcpOutputControl, trackType }) => [
      [PARAMETERS.securityLevel, String(securityLevel)],
      [PARAMETERS.hdcpOutputControl, String(hdcpOutputControl)],
      ...optional(SEEN_PARAMETERS.trackType, trackType),
    ]),
    ...optional(PARAMETERS.licenseDuration, request.licenseDurationSeconds),
    ...optional(SEEN_PARAMETERS.playbackDuration, request.playbackDurationSeconds),
    ...optional(PARAMETERS.contentId, request.contentId),
    ...extensionParameters(PARAMETERS.wvExtension, request.extensions),
  ];
}

function keysOf(request: WidevineTokenRequest): WidevineKey[] {
  return [request, ...(request.otherKeys ?? [])];
}
