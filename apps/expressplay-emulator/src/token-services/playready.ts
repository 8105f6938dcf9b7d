// The PlayReady token service: its checks, in order, and its answer.
import { EventError } from '../protocol/errors.js';
import type { TokenParameters } from '../protocol/parameters.js';
import { characterCount, isHex } from '../protocol/values.js';
import type { Extension, KeyTerms, RightsType } from '../tokens/token.js';
import {
  type CheckedRequest,
  checkExtension,
  NO_PROTECTION,
  NO_TERMS,
  readCookie,
  readExpiration,
  readOneOf,
  readOutputControlFlags,
  readOutputProtectionLevels,
  readRental,
  readRightsType,
  type TokenServiceDefinition,
} from './checks.js';
import { givenKeys, readKeys, readKids } from './keys.js';

/** Whether the lowest bit of `generalFlags` (4 bytes in hex) asks for a persistent licence, as a rental must. @throws EventError -5003 */
function readPersistent(parameters: TokenParameters, rightsType: RightsType): boolean {
  const value = parameters.get('generalFlags');
  if (value !== undefined && !/^[0-9A-Fa-f]{8}$/.test(value)) throw new EventError(-5003, 'they are 4 bytes in hex');
  const persistent = value !== undefined && (Number.parseInt(value, 16) & 1) !== 0;
  if (rightsType === 'Rental' && !persistent) throw new EventError(-5003, 'a rental licence must be persistent');
  return persistent;
}

/** Reads the pair of an extension. @throws EventError -2035, -2036, -2037 */
function readExtension(parameters: TokenParameters): Extension[] {
  const type = parameters.get('extensionType');
  const payload = parameters.get('extensionPayload');
  if (type === undefined && payload === undefined) return [];
  if (type === undefined) throw new EventError(-2035, 'extensionPayload has no extensionType');
  return [checkExtension(type, payload)];
}

/** Checks PlayReady's `deviceId`: 32 hexadecimal characters. @throws EventError -5004, -5005 */
function checkDeviceId(parameters: TokenParameters): void {
  const deviceId = parameters.get('deviceId');
  if (deviceId === undefined) return;
  if (characterCount(deviceId) !== 32) throw new EventError(-5004);
  if (!isHex(deviceId)) throw new EventError(-5005);
}

const UNKNOWN_OUTPUT_BEHAVIORS = ['Allow', 'Disallow', 'SDOnly'];

/** Values of `algId` and `minCertSecurityLevel`, which no table has. */
const ALGORITHMS = ['aesctr', 'aescbc'];
const CERTIFICATE_LEVELS = ['150', '2000', '3000'];

/** Statement by statement the order of the checks: the first that fails gives the code. */
function checkPlayReady(parameters: TokenParameters, issuedAt: Date): CheckedRequest {
  const rightsType = readRightsType(parameters);
  const rental = readRental(parameters, rightsType, issuedAt);
  const persistent = readPersistent(parameters, rightsType);
  const keys = readKids(parameters, 'playready', -2005);
  if (parameters.has('kek') && keys.some((key) => key.parameters.has('contentKey'))) throw new EventError(-5007);
  const storedKeys = readKeys(keys, -2005);
  const algorithm = readOneOf(parameters, 'algId', ALGORITHMS, -2005);
  const certificateLevels = keys.map((key) =>
    readOneOf(key.parameters, 'minCertSecurityLevel', CERTIFICATE_LEVELS, -2034),
  );
  const levels = keys.map((key) => readOutputProtectionLevels(key.parameters, { required: true }));
  const unknownOutputBehavior = readOneOf(parameters, 'unknownOutputBehavior', UNKNOWN_OUTPUT_BEHAVIORS, -5001);
  const outputControlFlags = readOutputControlFlags(parameters);
  const extensions = readExtension(parameters);
  const expiresAt = readExpiration(parameters, issuedAt);
  const cookie = readCookie(parameters);
  checkDeviceId(parameters);
  const keyTerms = keys.map(({ kid }, index) => ({
    kid,
    track: null,
    securityLevel: certificateLevels[index] ?? null,
    outputProtection: { ...NO_PROTECTION, ...levels[index], unknownOutputBehavior, outputControlFlags },
  }));
  const [{ kid, outputProtection }] = keyTerms as [KeyTerms, ...KeyTerms[]];
  return {
    terms: {
      ...NO_TERMS,
      ...rental,
      kid,
      rightsType,
      persistent,
      algorithm,
      outputProtection,
      keys: keyTerms,
      extensions,
    },
    givenKeys: givenKeys(keys),
    storedKeys,
    expiresAt,
    cookie,
  };
}

export const PLAYREADY: TokenServiceDefinition = {
  service: 'playready',
  path: '/hms/pr/token',
  rightsPath: '/playready/RightsManager.asmx',
  check: checkPlayReady,
  answer: (licenseAcquisitionUrl, token) => JSON.stringify({ licenseAcquisitionUrl, token }),
};
