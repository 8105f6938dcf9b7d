// The Widevine token service: its checks, in order, and its answer.
import { EventError } from '../protocol/errors.js';
import type { Account } from '../accounts/account.js';
import { type KeyParameters, TOKEN_PARAMETER, type TokenParameters } from '../protocol/parameters.js';
import { characterCount } from '../protocol/values.js';
import type { KeyTerms, LicenseTerms } from '../tokens/token.js';
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
import { givenKeys, readKeys, readKids } from './keys.js';

/** By `securityLevel`. */
const SECURITY_LEVELS = new Map([
  ['1', 'SW_SECURE_CRYPTO'],
  ['2', 'SW_SECURE_DECODE'],
  ['3', 'HW_SECURE_CRYPTO'],
  ['4', 'HW_SECURE_DECODE'],
  ['5', 'HW_SECURE_ALL'],
]);

/** By `hdcpOutputControl`; the published table ends with 2. */
const HDCP_VERSIONS = new Map([
  ['0', 'HDCP_NONE'],
  ['1', 'HDCP_V1'],
  ['2', 'HDCP_V2'],
  ['3', 'HDCP_V2_1'],
  ['4', 'HDCP_V2_2'],
  ['5', 'HDCP_NO_DIGITAL_OUTPUT'],
]);
const PUBLISHED_HDCP = ['0', '1', '2'];

/** By `trackType`, which no table has. */
const TRACKS = new Map([
  ['0', 'SD'],
  ['1', 'HD'],
  ['2', 'AUDIO'],
  ['3', 'UHD1'],
  ['4', 'UHD2'],
]);

const LONGEST_CONTENT_ID = 36;

/** Account options that matter here. */
type Options = Pick<Account, 'publishedTables'>;

/**
 * Reads `generalFlags`: `0000`, all that the published table allows, or 8 digits, of which the last asks for a persistent licence.
 *
 * @throws EventError -5003
 */
function readPersistent(parameters: TokenParameters, { publishedTables }: Options): boolean {
  if (publishedTables) checkZeroFlags(parameters);
  const value = parameters.get('generalFlags') ?? '0000';
  if (!['0000', '00000000', '00000001'].includes(value)) {
    throw new EventError(-5003, '0000, 00000000 and 00000001 are the values allowed');
  }
  return value === '00000001';
}

/** Reads the required `securityLevel`, 1-5. @throws EventError -7003, -7004 */
function readSecurityLevel(parameters: KeyParameters): string {
  const value = parameters.get('securityLevel');
  if (value === undefined || value === '') throw new EventError(-7003);
  const level = SECURITY_LEVELS.get(value);
  if (level === undefined) throw new EventError(-7004, 'it is an integer 1-5');
  return level;
}

/**
 * Reads the required `hdcpOutputControl`, 0-5. No code of its own is documented for a bad one, so it has the one for
 * output controls out of their range.
 *
 * @throws EventError -7006, -2034
 */
function readHdcpOutputControl(parameters: KeyParameters, { publishedTables }: Options): string {
  const value = parameters.get('hdcpOutputControl');
  if (value === undefined || value === '') throw new EventError(-7006);
  const version = HDCP_VERSIONS.get(value);
  if (version === undefined || (publishedTables && !PUBLISHED_HDCP.includes(value))) {
    throw new EventError(-2034, `hdcpOutputControl is an integer 0-${publishedTables ? 2 : 5}`);
  }
  return version;
}

/** What Widevine's two durations come to. */
type Durations = Pick<LicenseTerms, 'playDurationSeconds' | 'startWithinSeconds'>;

/**
 * Reads `licenseDuration`, seconds of play; beside a `playbackDuration`, which no table has and which then says that, the seconds
 * in which play has to start.
 *
 * @throws EventError -7007
 */
function readDurations(parameters: TokenParameters, { publishedTables }: Options): Durations {
  const [license = null, playback = null] = (['licenseDuration', 'playbackDuration'] as const).map((name) => {
    const value = parameters.get(name);
    return value === undefined ? null : readPlaySeconds(value, -7007);
  });
  if (playback === null) return { playDurationSeconds: license, startWithinSeconds: null };
  if (publishedTables) throw new EventError(-7007, 'playbackDuration is in no table');
  return { playDurationSeconds: playback, startWithinSeconds: license };
}

/** Reads `trackType`, null when it is not given. @throws EventError -6005 */
function readTrack(parameters: KeyParameters): string | null {
  const value = parameters.get('trackType');
  const track = value === undefined ? null : TRACKS.get(value);
  if (track === undefined) throw new EventError(-6005, 'trackType is an integer 0-4');
  return track;
}

/** Reads `contentId`, null when it is not given. @throws EventError -6005 */
function readContentId(parameters: TokenParameters): string | null {
  const value = parameters.get('contentId') ?? null;
  if (value !== null && characterCount(value) > LONGEST_CONTENT_ID) {
    throw new EventError(-6005, `contentId has more than ${LONGEST_CONTENT_ID} characters`);
  }
  return value;
}

/** Statement by statement the order of the checks: the first that fails gives the code. */
function checkWidevine(
  parameters: TokenParameters,
  issuedAt: Date,
  options: Options = { publishedTables: false },
): CheckedRequest {
  // Widevine documents the codes of the rental parameters but neither `rightsType` nor codes for it: whatever is not `Rental`
  // counts as `BuyToOwn`, with which rental parameters are refused.
  const askedRightsType = parameters.get('rightsType') === 'Rental' ? 'Rental' : 'BuyToOwn';
  const rental = readRental(parameters, askedRightsType, issuedAt);
  const rentalDurationSeconds = readRentalDuration(parameters);
  const durations = readDurations(parameters, options);
  const persistent = readPersistent(parameters, options);
  const keys = readKids(parameters, 'widevine', -6005);
  if (parameters.has('kek') && keys.some((key) => key.parameters.has('contentKey'))) {
    throw new EventError(-6005, 'kek and contentKey exclude each other');
  }
  const storedKeys = readKeys(keys, -6005);
  const tracks = keys.map((key) => readTrack(key.parameters));
  const contentId = readContentId(parameters);
  const securityLevels = keys.map((key) => readSecurityLevel(key.parameters));
  const hdcps = keys.map((key) => readHdcpOutputControl(key.parameters, options));
  const outputControlFlags = readOutputControlFlags(parameters);
  const extensions = parameters.getAll('wvExtension').map((value) => readPair(value, -7009));
  const expiresAt = readExpiration(parameters, issuedAt);
  const cookie = readCookie(parameters);
  if (parameters.has('deviceId')) throw new EventError(-7002);
  const keyTerms = keys.map(({ kid }, index) => ({
    kid,
    track: tracks[index] ?? null,
    securityLevel: securityLevels[index] ?? null,
    outputProtection: { ...NO_PROTECTION, outputControlFlags, hdcp: hdcps[index] ?? null },
  }));
  const [{ kid, securityLevel, outputProtection }] = keyTerms as [KeyTerms, ...KeyTerms[]];
  return {
    terms: {
      ...NO_TERMS,
      ...rental,
      kid,
      contentId,
      persistent,
      rightsType: durations.playDurationSeconds === null && rentalDurationSeconds === null ? askedRightsType : 'Rental',
      playDurationSeconds: durations.playDurationSeconds ?? rental.playDurationSeconds,
      startWithinSeconds: durations.startWithinSeconds,
      rentalDurationSeconds,
      securityLevel,
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

export const WIDEVINE: TokenServiceDefinition = {
  service: 'widevine',
  path: '/hms/wv/token',
  rightsPath: '/hms/wv/rights/', // the slash at its end belongs to it
  check: checkWidevine,
  answer: (rightsUrl, token) => `${rightsUrl}?${TOKEN_PARAMETER}=${token}`,
};
