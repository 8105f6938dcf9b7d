// Checks of a FairPlay request, in the order in which ExpressPlay looks at it.
import { isDuration, isHex, refuseIf } from './checks.js';
import { InvalidTokenRequestError } from './errors.js';
import { checkExtension } from './extension-validation.js';
import { checkKey, checkKid } from './key-validation.js';
import { PARAMETERS } from './parameters.js';
import type { FairPlayTokenRequest } from './token-request.js';

/**
 * Checks the licence parameters of table "Licence parameters: FairPlay".
 *
 * @throws InvalidTokenRequestError for the first parameter at fault
 */
export function checkFairPlay(request: FairPlayTokenRequest): void {
  const { rentalDurationSeconds } = request;
  refuseIf(rentalDurationSeconds === 0, PARAMETERS.rentalDuration, 'rental-without-end');
  refuseIf(rentalDurationSeconds !== undefined && !isDuration(rentalDurationSeconds), PARAMETERS.rentalDuration, -6007);
  if (request.key.kind === 'key-storage') {
    if (request.kid === undefined) {
      throw new InvalidTokenRequestError(PARAMETERS.kid, -6005);
    }
    checkKid(request.kid);
  }
  checkKey(request.key);
  refuseIf(request.iv.length !== 32 || !isHex(request.iv), PARAMETERS.iv, -6003);
  for (const extension of request.extensions ?? []) {
    checkExtension(extension, PARAMETERS.fpExtension);
  }
}
