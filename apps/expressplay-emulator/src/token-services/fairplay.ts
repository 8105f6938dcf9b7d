// The FairPlay token service: its checks, in order, and its answer.
import { EventError } from '../protocol/errors.js';
import { TOKEN_PARAMETER, type TokenParameters } from '../protocol/parameters.js';
import type { RightsType } from '../tokens/token.js';
import {
  type CheckedRequest,
  checkZeroFlags,
  NO_PROTECTION,
  NO_TERMS,
  readCookie,
  readExpiration,
  readOutputControlFlags,
  readOutputProtectionLevels,
  readPair,
  readRental,
  readRentalDuration,
  readRightsType,
  type TokenServiceDefinition,
} from './checks.js';
import { givenKeys, readKey, readKid, type StoredKey } from './keys.js';

/**
 * Reads `rightsType`, BuyToOwn when it is left out, as FairPlay lets it, whose table does not list it but whose codes do. A
 * `rental.*` parameter makes it required, because these are valid only with `Rental`.
 *
 * @throws EventError -2020, -2021
 */
function readOptionalRightsType(parameters: TokenParameters): RightsType {
  const needed = ['rightsType', 'rental.periodEndTime', 'rental.playDuration'] as const;
  return needed.some((name) => parameters.has(name)) ? readRightsType(parameters) : 'BuyToOwn';
}

/**
 * Checks FairPlay's key parameters: `contentKey`, or `kek` with exactly one of `ek` and `kid`.
 *
 * @throws EventError -6005, -2005, -2027, -4024
 */
function readFairPlayKey(parameters: TokenParameters, kid: string | null): StoredKey | undefined {
  if (parameters.has('kek')) {
    if (parameters.has('contentKey')) throw new EventError(-6005, 'kek and contentKey exclude each other');
    if (parameters.has('ek') === (kid !== null)) throw new EventError(-6005, 'kek goes with exactly one of kid and ek');
  }
  return readKey(parameters, kid, -6005);
}

/** Statement by statement the order of the checks: the first that fails gives the code. */
function checkFairPlay(parameters: TokenParameters, issuedAt: Date): CheckedRequest {
  const askedRightsType = readOptionalRightsType(parameters);
  const rental = readRental(parameters, askedRightsType, issuedAt);
  const rentalDurationSeconds = readRentalDuration(parameters);
  checkZeroFlags(parameters);
  const kid = parameters.has('kid') ? readKid(parameters) : null;
  const storedKey = readFairPlayKey(parameters, kid);
  if (!/^[0-9A-Fa-f]{32}$/.test(parameters.get('iv') ?? '')) throw new EventError(-6003, 'it is 32 hexadecimal digits');
  const levels = readOutputProtectionLevels(parameters, { required: false });
  const outputControlFlags = readOutputControlFlags(parameters);
  const extensions = parameters.getAll('fpExtension').map((value) => readPair(value, -6001));
  const expiresAt = readExpiration(parameters, issuedAt);
  const cookie = readCookie(parameters);
  if (parameters.has('deviceId')) throw new EventError(-6008);
  const outputProtection = { ...NO_PROTECTION, ...levels, outputControlFlags };
  return {
    terms: {
      ...NO_TERMS,
      ...rental,
      kid,
      rightsType: rentalDurationSeconds === null ? askedRightsType : 'Rental',
      rentalDurationSeconds,
      outputProtection,
      keys: [{ kid, track: null, securityLevel: null, outputProtection }],
      extensions,
    },
    givenKeys: givenKeys([{ parameters, kid }]),
    storedKeys: storedKey === undefined ? [] : [storedKey],
    expiresAt,
    cookie,
  };
}

export const FAIRPLAY: TokenServiceDefinition = {
  service: 'fairplay',
  path: '/hms/fp/token',
  rightsPath: '/hms/fp/rights/', // the slash at its end belongs to it
  check: checkFairPlay,
  answer: (rightsUrl, token) => `${rightsUrl}?${TOKEN_PARAMETER}=${token}`,
};
