// The Widevine token service: its checks, in order, and its answer.
import { PARAMETERS } from '@app/expressplay';
import { TOKEN_PARAMETER, WIDEVINE_RIGHTS_PATH } from '../protocol/license-paths.js';
import type { TokenParameters } from '../protocol/token-parameters.js';
import { readWidevineExtensions } from './checks/extension.checks.js';
import { readKid, readWidevineKey } from './checks/key.checks.js';
import { readOutputControlFlags } from './checks/output-protection.checks.js';
import {
  checkZeroFlags,
  readLenientRightsType,
  readLicenseDuration,
  readRental,
  readRentalDuration,
} from './checks/rights.checks.js';
import { readCookie, readExpiration, refuseDeviceId } from './checks/token-life.checks.js';
import { readHdcpOutputControl, readSecurityLevel } from './checks/widevine-protection.checks.js';
import { WIDEVINE_PARAMETERS } from './known-parameters.js';
import type { CheckedRequest, TokenServiceDefinition } from './token-service.js';

const NO_LEVELS = {
  analogVideo: null,
  compressedDigitalAudio: null,
  compressedDigitalVideo: null,
  uncompressedDigitalAudio: null,
  uncompressedDigitalVideo: null,
};

/** Statement by statement the order of the checks: the first that fails gives the code. */
function checkWidevine(parameters: TokenParameters, issuedAt: Date): CheckedRequest {
  const askedRightsType = readLenientRightsType(parameters);
  const rental = readRental(parameters, askedRightsType, issuedAt);
  const rentalDurationSeconds = readRentalDuration(parameters);
  const licenseDurationSeconds = readLicenseDuration(parameters);
  checkZeroFlags(parameters);
  const kid = readKid(parameters);
  const key = readWidevineKey(parameters, kid);
  const securityLevel = readSecurityLevel(parameters);
  const hdcp = readHdcpOutputControl(parameters);
  const outputControlFlags = readOutputControlFlags(parameters);
  const extensions = readWidevineExtensions(parameters);
  const expiresAt = readExpiration(parameters, issuedAt);
  const cookie = readCookie(parameters);
  refuseDeviceId(parameters, -7002);
  const isRental = licenseDurationSeconds !== null || rentalDurationSeconds > 0;
  return {
    terms: {
      kid,
      contentId: parameters.get(PARAMETERS.contentId) ?? null,
      rightsType: isRental ? 'Rental' : askedRightsType,
      persistent: false,
      rentalEndsAt: rental.endsAt?.toISOString() ?? null,
      playDurationSeconds: licenseDurationSeconds ?? rental.playDurationSeconds,
      rentalDurationSeconds: rentalDurationSeconds > 0 ? rentalDurationSeconds : null,
      securityLevel,
      outputProtection: { ...NO_LEVELS, unknownOutputBehavior: null, outputControlFlags, hdcp },
      extensions,
    },
    key,
    expiresAt,
    cookie,
  };
}

export const WIDEVINE: TokenServiceDefinition = {
  service: 'widevine',
  path: '/hms/wv/token',
  parameters: WIDEVINE_PARAMETERS,
  check: checkWidevine,
  answer: (baseUrl, token) => `${baseUrl}${WIDEVINE_RIGHTS_PATH}?${TOKEN_PARAMETER}=${token}`,
};
