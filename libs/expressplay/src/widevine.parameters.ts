// A Widevine token request as parameters: the table "Licence parameters: Widevine".
import { extensionParameters } from './extension-parameters.js';
import { keyParameters, kidParameter, type WireParameter } from './key-parameters.js';
import { PARAMETERS } from './parameters.js';
import type { WidevineTokenRequest } from './token-request.js';

/**
 * The licence parameters of a valid Widevine request (see `checkTokenRequest`), in the table's order. `generalFlags` is left out:
 * `0000` is all it may say.
 */
export function widevineParameters(request: WidevineTokenRequest): WireParameter[] {
  const parameters: WireParameter[] = [
    kidParameter(request.kid),
    ...keyParameters(request.key),
    [PARAMETERS.securityLevel, String(request.securityLevel)],
    [PARAMETERS.hdcpOutputControl, String(request.hdcpOutputControl)],
  ];
  if (request.licenseDurationSeconds !== undefined) {
    parameters.push([PARAMETERS.licenseDuration, String(request.licenseDurationSeconds)]);
  }
  if (request.contentId !== undefined) {
    parameters.push([PARAMETERS.contentId, request.contentId]);
  }
  return [...parameters, ...extensionParameters(PARAMETERS.wvExtension, request.extensions)];
}
