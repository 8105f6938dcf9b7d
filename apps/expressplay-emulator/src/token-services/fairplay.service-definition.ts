// The FairPlay token service: its checks, in order, and its answer.
import { FAIRPLAY_RIGHTS_PATH } from '../protocol/license-paths.js';
import { FAIRPLAY_PARAMETERS } from './known-parameters.js';
import { readFairPlayExtensions } from './checks/extension.checks.js';
import { readFairPlayKey, readIv, readOptionalKid } from './checks/key.checks.js';
import { readOutputControlFlags, readOutputProtectionLevels } from './checks/output-protection.checks.js';
import { checkZeroFlags, readOptionalRightsType, readRental, readRentalDuration } from './checks/rights.checks.js';
import { readCookie, readExpiration, refuseDeviceId } from './checks/token-life.checks.js';
import type { CheckedRequest, TokenServiceDefinition } from './token-service.js';
import type { TokenParameters } from '../protocol/token-parameters.js';

/** Statement by statement the order of the checks: the first that fails gives the code. */
function checkFairPlay(parameters: TokenParameters, issuedAt: Date): CheckedRequest {
  // Without a rights type nothing of a PlayReady-like rental is there to be read either.
  const askedRightsType = readOptionalRightsType(parameters);
  const rental = readRental(parameters, askedRightsType ?? 'BuyToOwn', issuedAt);
  const rentalDurationSeconds = readRentalDuration(parameters);
  checkZeroFlags(parameters);
  const kid = readOptionalKid(parameters);
  const key = readFairPlayKey(parameters, kid);
  readIv(parameters);
  const levels = readOutputProtectionLevels(parameters, { required: false });
  const outputControlFlags = readOutputControlFlags(parameters);
  const extensions = readFairPlayExtensions(parameters);
  const expiresAt = readExpiration(parameters, issuedAt);
  const cookie = readCookie(parameters);
  refuseDeviceId(parameters, -6008);
  return {
    terms: {
      kid,
      contentId: null,
      rightsType: rentalDurationSeconds > 0 ? 'Rental' : (askedRightsType ?? 'BuyToOwn'),
      persistent: false,
      rentalEndsAt: rental.endsAt?.toISOString() ?? null,
      playDurationSeconds: rental.playDurationSeconds,
      rentalDurationSeconds: rentalDurationSeconds > 0 ? rentalDurationSeconds : null,
      securityLevel: null,
      outputProtection: { ...levels, unknownOutputBehavior: null, outputControlFlags, hdcp: null },
      extensions,
    },
    key,
    expiresAt,
    cookie,
  };
}

export const FAIRPLAY: TokenServiceDefinition = {
  service: 'fairplay',
  path: '/hms/fp/token',
  parameters: FAIRPLAY_PARAMETERS,
  check: checkFairPlay,
  answer: (baseUrl, token) => `${baseUrl}${FAIRPLAY_RIGHTS_PATH}?ExpressPlayToken=${token}`,
};
