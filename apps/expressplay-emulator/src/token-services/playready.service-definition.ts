// The PlayReady token service: its checks, in order, and its answer.
import { PLAYREADY_RIGHTS_PATH } from '../protocol/license-paths.js';
import { PLAYREADY_PARAMETERS } from './known-parameters.js';
import { readExtension } from './checks/extension.checks.js';
import { readKid, readPlayReadyKey } from './checks/key.checks.js';
import {
  readOutputControlFlags,
  readOutputProtectionLevels,
  readUnknownOutputBehavior,
} from './checks/output-protection.checks.js';
import { readPlayReadyFlags, readRental, readRightsType } from './checks/rights.checks.js';
import { checkDeviceId, readCookie, readExpiration } from './checks/token-life.checks.js';
import type { CheckedRequest, TokenServiceDefinition } from './token-service.js';
import type { TokenParameters } from '../protocol/token-parameters.js';

/** Statement by statement the order of the checks: the first that fails gives the code. */
function checkPlayReady(parameters: TokenParameters, issuedAt: Date): CheckedRequest {
  const rightsType = readRightsType(parameters);
  const rental = readRental(parameters, rightsType, issuedAt);
  const persistent = readPlayReadyFlags(parameters, rightsType);
  const kid = readKid(parameters);
  const key = readPlayReadyKey(parameters, kid);
  const levels = readOutputProtectionLevels(parameters, { required: true });
  const unknownOutputBehavior = readUnknownOutputBehavior(parameters);
  const outputControlFlags = readOutputControlFlags(parameters);
  const extensions = readExtension(parameters);
  const expiresAt = readExpiration(parameters, issuedAt);
  const cookie = readCookie(parameters);
  checkDeviceId(parameters);
  return {
    terms: {
      kid,
      contentId: null,
      rightsType,
      persistent,
      rentalEndsAt: rental.endsAt?.toISOString() ?? null,
      playDurationSeconds: rental.playDurationSeconds,
      rentalDurationSeconds: null,
      securityLevel: null,
      outputProtection: { ...levels, unknownOutputBehavior, outputControlFlags, hdcp: null },
      extensions,
    },
    key,
    expiresAt,
    cookie,
  };
}

export const PLAYREADY: TokenServiceDefinition = {
  service: 'playready',
  path: '/hms/pr/token',
  parameters: PLAYREADY_PARAMETERS,
  check: checkPlayReady,
  answer: (baseUrl, token) => JSON.stringify({ licenseAcquisitionUrl: `${baseUrl}${PLAYREADY_RIGHTS_PATH}`, token }),
};
