// Rights type, rental and general flags: the first checks of the licence parameters.
import { PARAMETERS } from '@app/expressplay';
import { EventError } from '../../protocol/event-error.js';
import type { TokenParameters } from '../../protocol/token-parameters.js';
import type { RightsType } from '../../tokens/license-terms.js';
import { isHex, readMoment, readSeconds } from '../../protocol/values.js';

/** The end of a rental and its play duration in seconds, null where there is none. */
interface RentalTerms {
  readonly endsAt: Date | null;
  readonly playDurationSeconds: number | null;
}

const NO_RENTAL: RentalTerms = { endsAt: null, playDurationSeconds: null };

/** PlayReady's flags are 4 bytes in hex. */
const PLAYREADY_FLAGS_DIGITS = 8;
const PERSISTENT_FLAG = 1;

/** Reads the required `rightsType`. @throws EventError -2020, -2021 */
export function readRightsType(parameters: TokenParameters): RightsType {
  const value = parameters.get(PARAMETERS.rightsType);
  if (value === undefined || value === '') throw new EventError(-2020);
  if (value !== 'BuyToOwn' && value !== 'Rental') throw new EventError(-2021);
  return value;
}

/**
 * Reads `rightsType` where it may be left out, as FairPlay lets it, whose table does not list it but whose codes do.
 * A `rental.*` parameter makes it required, because these are valid only with `Rental`.
 *
 * @throws EventError -2020, -2021
 */
export function readOptionalRightsType(parameters: TokenParameters): RightsType | undefined {
  const needed = [PARAMETERS.rightsType, PARAMETERS.rentalPeriodEndTime, PARAMETERS.rentalPlayDuration];
  return needed.some((name) => parameters.has(name)) ? readRightsType(parameters) : undefined;
}

/**
 * Reads `rental.periodEndTime` (required with `Rental`, and in the future) and `rental.playDuration` (seconds, optional).
 *
 * @throws EventError -2022, -2025, both also for the parameter's presence with `BuyToOwn`
 */
export function readRental(parameters: TokenParameters, rightsType: RightsType, issuedAt: Date): RentalTerms {
  const periodEndTime = parameters.get(PARAMETERS.rentalPeriodEndTime);
  const playDuration = parameters.get(PARAMETERS.rentalPlayDuration);
  if (rightsType === 'BuyToOwn') {
    if (periodEndTime !== undefined) throw new EventError(-2022, 'rental.periodEndTime is valid only with Rental');
    if (playDuration !== undefined) throw new EventError(-2025, 'rental.playDuration is valid only with Rental');
    return NO_RENTAL;
  }
  return {
    endsAt: readPeriodEnd(periodEndTime, issuedAt),
    playDurationSeconds: playDuration === undefined ? null : readPlayDuration(playDuration),
  };
}

/**
 * Reads PlayReady's `generalFlags`: 4 bytes in hex, and the lowest bit, a persistent licence, for every rental.
 *
 * @returns whether the licence is persistent
 * @throws EventError -5003
 */
export function readPlayReadyFlags(parameters: TokenParameters, rightsType: RightsType): boolean {
  const value = parameters.get(PARAMETERS.generalFlags);
  if (value !== undefined && !(value.length === PLAYREADY_FLAGS_DIGITS && isHex(value))) {
    throw new EventError(-5003, 'they are 4 bytes in hex');
  }
  const persistent = value !== undefined && (Number.parseInt(value, 16) & PERSISTENT_FLAG) !== 0;
  if (rightsType === 'Rental' && !persistent) throw new EventError(-5003, 'a rental licence must be persistent');
  return persistent;
}

/** Checks the `generalFlags` of the services that allow `0000` alone. @throws EventError -5003 */
export function checkZeroFlags(parameters: TokenParameters): void {
  const value = parameters.get(PARAMETERS.generalFlags);
  if (value !== undefined && value !== '0000') throw new EventError(-5003, '0000 is the only value allowed');
}

/**
 * Reads the rights type for Widevine, which documents the codes of the rental parameters but neither `rightsType` nor codes
 * for it: whatever is not `Rental` counts as `BuyToOwn`, with which rental parameters are refused.
 */
export function readLenientRightsType(parameters: TokenParameters): RightsType {
  return parameters.get(PARAMETERS.rightsType) === 'Rental' ? 'Rental' : 'BuyToOwn';
}

/** Reads Widevine's `licenseDuration`: seconds of play, at least 1, null (no limit) when not given. @throws EventError -7007 */
export function readLicenseDuration(parameters: TokenParameters): number | null {
  const value = parameters.get(PARAMETERS.licenseDuration);
  if (value === undefined) return null;
  const seconds = readSeconds(value, 1);
  if (seconds === undefined) throw new EventError(-7007, 'it is a whole number of seconds, at least 1');
  return seconds;
}

/** Reads `rentalDuration`: seconds, 0 (no rental) when it is not given. @throws EventError -6007 */
export function readRentalDuration(parameters: TokenParameters): number {
  const seconds = readSeconds(parameters.get(PARAMETERS.rentalDuration) ?? '0', 0);
  if (seconds === undefined) throw new EventError(-6007);
  return seconds;
}

function readPeriodEnd(value: string | undefined, issuedAt: Date): Date {
  if (value === undefined || value === '') throw new EventError(-2022);
  const endsAt = readMoment(value, issuedAt);
  if (endsAt === undefined) throw new EventError(-2022, `${value} is no RFC 3339 date-time in Z and no +seconds`);
  if (endsAt <= issuedAt) throw new EventError(-2022, `${value} is not in the future`);
  return endsAt;
}

function readPlayDuration(value: string): number {
  const seconds = readSeconds(value, 1);
  if (seconds === undefined) throw new EventError(-2025, 'it is a whole number of seconds, at least 1');
  return seconds;
}
