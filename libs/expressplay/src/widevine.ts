// Widevine: what a request says, its checks in the order in which ExpressPlay looks at it, and its parameters.
import { checkKey, checkKid, keyParameters, kidParameter, type ContentKeySource } from './keys.js';
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
  type CommonTokenRequest,
  type LicenseExtension,
  type WireParameter,
} from './parameters.js';

/** Table "Licence parameters: Widevine". */
export interface WidevineTokenRequest extends CommonTokenRequest {
  drm: 'widevine';
  /** The KID as for PlayReady. */
  kid: string;
  key: ContentKeySource;
  /** How well the device must protect decryption and decoding: 1 (cryptography in software) to 5 (everything in hardware). */
  securityLevel: number;
  /** The HDCP that an output must have: 0 none, 1 version 1, 2 version 2; in no table, but seen: 3 version 2.1, 4 version 2.2, 5 no digital output. */
  hdcpOutputControl: number;
  /** Seconds of play, an integer of at least 1 that 32 bits can hold. Absent means no limit. */
  licenseDurationSeconds?: number;
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
  const { licenseDurationSeconds: duration, securityLevel, hdcpOutputControl, contentId } = request;
  refuseIf(duration !== undefined && !isDuration(duration), PARAMETERS.licenseDuration, -7007);
  checkKid(request.kid);
  checkKey(request.key);
  refuseIf(securityLevel === undefined, PARAMETERS.securityLevel, -7003);
  refuseIf(!isIntegerBetween(securityLevel, 1, 5), PARAMETERS.securityLevel, -7004);
  refuseIf(hdcpOutputControl === undefined, PARAMETERS.hdcpOutputControl, -7006);
  refuseIf(!isIntegerBetween(hdcpOutputControl, 0, 5), PARAMETERS.hdcpOutputControl, -2034);
  refuseIf(contentId !== undefined && !isWellFormed(contentId), PARAMETERS.contentId, 'ill-formed-text');
  refuseIf(contentId !== undefined && characterCount(contentId) > 36, PARAMETERS.contentId, -6005);
  for (const extension of request.extensions ?? []) checkExtension(extension, PARAMETERS.wvExtension);
}

/** The licence parameters of a request that was checked, in the table's order, without `generalFlags`: `0000` is all it may say. */
export function widevineParameters(request: WidevineTokenRequest): WireParameter[] {
  return [
    kidParameter(request.kid),
    ...keyParameters(request.key),
    [PARAMETERS.securityLevel, String(request.securityLevel)],
    [PARAMETERS.hdcpOutputControl, String(request.hdcpOutputControl)],
    ...optional(PARAMETERS.licenseDuration, request.licenseDurationSeconds),
    ...optional(PARAMETERS.contentId, request.contentId),
    ...extensionParameters(PARAMETERS.wvExtension, request.extensions),
  ];
}
