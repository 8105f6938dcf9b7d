// Checks of a Widevine request, in the order in which ExpressPlay looks at it.
import { isDuration, isWellFormed, isWholeNumber, refuseIf } from './checks.js';
import { checkExtension } from './extension-validation.js';
import { checkKey, checkKid } from './key-validation.js';
import { PARAMETERS } from './parameters.js';
import type { WidevineTokenRequest } from './token-request.js';

/**
 * Checks the licence parameters of table "Licence parameters: Widevine". No code of its own is documented for an HDCP output control
 * that is out of range: it is -2034, as for any output control.
 *
 * @throws InvalidTokenRequestError for the first parameter at fault
 */
export function checkWidevine(request: WidevineTokenRequest): void {
  const { licenseDurationSeconds, securityLevel, hdcpOutputControl, contentId } = request;
  refuseIf(
    licenseDurationSeconds !== undefined && !isDuration(licenseDurationSeconds),
    PARAMETERS.licenseDuration,
    -7007,
  );
  checkKid(request.kid);
  checkKey(request.key);
  refuseIf(securityLevel === undefined, PARAMETERS.securityLevel, -7003);
  refuseIf(!isWholeNumber(securityLevel, 1, 5), PARAMETERS.securityLevel, -7004);
  refuseIf(hdcpOutputControl === undefined, PARAMETERS.hdcpOutputControl, -7006);
  refuseIf(!isWholeNumber(hdcpOutputControl, 0, 2), PARAMETERS.hdcpOutputControl, -2034);
  refuseIf(contentId !== undefined && !isWellFormed(contentId), PARAMETERS.contentId, 'ill-formed-text');
  for (const extension of request.extensions ?? []) {
    checkExtension(extension, PARAMETERS.wvExtension);
  }
}
