// The Widevine token service: its checks, in order, and its answer.
import { EventError } from '../protocol/errors.js';
import { TOKEN_PARAMETER, type TokenParameters } from '../protocol/parameters.js';
import {
  type CheckedRequest,
  checkZeroFlags,
  NO_PROTECTION,
  NO_TERMS,
  readCookie,
  readExpiration,
  readOutputControlFlags,
  readPair,
  readPlaySeconds,
  readRental,
  readRentalDuration,
  type TokenServiceDefinition,
} from './checks.js';
import { readKey, readKid } from './keys.js';

/** By `securityLevel`. */
const SECURITY_LEVELS = new Map([
  ['1', 'SW_SECURE_CRYPTO'],
  ['2', 'SW_SECURE_DECODE'],
  ['3', 'HW_SECURE_CRYPTO'],
  ['4', 'HW_SECURE_DECODE'],
  ['5', 'HW_SECURE_ALL'],
]);

/** By `hdcpOutputControl`. */
const HDCP_VERSIONS = new Map([
  ['0', 'HDCP_NONE'],
  ['1', 'HDCP_V1'],
  ['2', 'HDCP_V2'],
]);

/** Reads the required `securityLevel`, 1-5. @throws EventError -7003, -7004 */
function readSecurityLevel(parameters: TokenParameters): string {
  const value = parameters.get('securityLevel');
  if (value === undefined || value === '') throw new EventError(-7003);
  const level = SECURITY_LEVELS.get(value);
  if (level === undefined) throw new EventError(-7004, 'it is an integer 1-5');
  return level;
}

/**
 * Reads the required `hdcpOutputControl`, 0-2. No code of its own is documented for a bad one, so it has the one for
 * output controls out of their range.
 *
 * @throws EventError -7006, -2034
 */
function readHdcpOutputControl(parameters: TokenParameters): string {
  const value = parameters.get('hdcpOutputControl');
  if (value === undefined || value === '') throw new EventError(-7006);
  const version = HDCP_VERSIONS.get(value);
  if (version === undefined) throw new EventError(-2034, 'hdcpOutputControl is an integer 0-2');
  return version;
}

/** Statement by statement the order of the checks: the first that fails gives the code. */
function checkWidevine(parameters: TokenParameters, issuedAt: Date): CheckedRequest {
  // Widevine documents the codes of the rental parameters but neither `rightsType` nor codes for it: whatever is not `Rental`
  // counts as `BuyToOwn`, with which rental parameters are refused.
  const askedRightsType = parameters.get('rightsType') === 'Rental' ? 'Rental' : 'BuyToOwn';
  const rental = readRental(parameters, askedRightsType, issuedAt);
  const rentalDurationSeconds = readRentalDuration(parameters);
  const licenseDuration = parameters.get('licenseDuration');
  const licenseDurationSeconds = licenseDuration === undefined ? null : readPlaySeconds(licenseDuration, -7007);
  checkZeroFlags(parameters);
  const kid = readKid(parameters);
  if (parameters.has('kek') && parameters.has('contentKey')) {
    throw new EventError(-6005, 'kek and contentKey exclude each other');
  }
  const storedKey = readKey(parameters, kid, -6005);
  const securityLevel = readSecurityLevel(parameters);
  const hdcp = readHdcpOutputControl(parameters);
  const outputControlFlags = readOutputControlFlags(parameters);
  const extensions = parameters.getAll('wvExtension').map((value) => readPair(value, -7009));
  const expiresAt = readExpiration(parameters, issuedAt);
  const cookie = readCookie(parameters);
  if (parameters.has('deviceId')) throw new EventError(-7002);
  return {
    terms: {
      ...NO_TERMS,
      ...rental,
      kid,
      contentId: parameters.get('contentId') ?? null,
      rightsType: licenseDurationSeconds === null && rentalDurationSeconds === null ? askedRightsType : 'Rental',
      playDurationSeconds: licenseDurationSeconds ?? rental.playDurationSeconds,
      rentalDurationSeconds,
      securityLevel,
      outputProtection: { ...NO_PROTECTION, outputControlFlags, hdcp },
      extensions,
    },
    storedKey,
    expiresAt,
    cookie,
  };
}

export const WIDEVINE: TokenServiceDefinition = {
  service: 'widevine',
  path: '/hms/wv/token',
  rightsPath: '/hms/wv/rights/', // the slash at its end belongs to it
  check: checkWidevine,
  answer: (rightsUrl, token) => `${rightsUrl}?${TOKEN_PARAMETER}=${token}`,
};
