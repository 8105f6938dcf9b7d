// Licence extensions as the repeatable parameter that FairPlay and Widevine have for them.
import type { WireParameter } from './key-parameters.js';
import type { ParameterName } from './parameters.js';
import type { LicenseExtension } from './token-request.js';

/** One `type,payload` for each extension. */
export function extensionParameters(
  name: ParameterName,
  extensions: readonly LicenseExtension[] = [],
): WireParameter[] {
  return extensions.map(({ type, payload }) => [name, `${type},${payload}`]);
}
