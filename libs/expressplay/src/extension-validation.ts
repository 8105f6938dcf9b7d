// Checks of licence extensions, alike for every DRM.
import { refuseIf } from './checks.js';
import type { ParameterName } from './parameters.js';
import type { LicenseExtension } from './token-request.js';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Checks an extension whose type and payload go into the parameters named.
 *
 * @throws InvalidTokenRequestError -2036 a type of other than 4 letters or digits, -2035 no payload, -2037 a payload that is not
 *   base64
 */
export function checkExtension(
  extension: LicenseExtension,
  typeName: ParameterName,
  payloadName: ParameterName = typeName,
): void {
  refuseIf(!/^[A-Za-z0-9]{4}$/.test(extension.type), typeName, -2036);
  refuseIf(extension.payload === '', payloadName, -2035);
  refuseIf(!BASE64.test(extension.payload), payloadName, -2037);
}
