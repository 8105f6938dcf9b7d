// A FairPlay token request as parameters: the table "Licence parameters: FairPlay".
import { extensionParameters } from './extension-parameters.js';
import { keyParameters, kidParameter, type WireParameter } from './key-parameters.js';
import { PARAMETERS } from './parameters.js';
import type { FairPlayTokenRequest } from './token-request.js';

/**
 * The licence parameters of a valid FairPlay request (see `checkTokenRequest`). `generalFlags` is left out: `0000` is all it may
 * say. So are the rights type and the output protection levels of the published sample, which the table does not list.
 */
export function fairPlayParameters(request: FairPlayTokenRequest): WireParameter[] {
  const parameters: WireParameter[] = [[PARAMETERS.iv, request.iv.toLowerCase()], ...keyParameters(request.key)];
  // With `kek`, exactly one of `kid` and `ek` (-6005 otherwise); with a clear key the KID would say nothing.
  if (request.key.kind === 'key-storage' && request.kid !== undefined) {
    parameters.push(kidParameter(request.kid));
  }
  if (request.rentalDurationSeconds !== undefined) {
    parameters.push([PARAMETERS.rentalDuration, String(request.rentalDurationSeconds)]);
  }
  return [...parameters, ...extensionParameters(PARAMETERS.fpExtension, request.extensions)];
}
