// What the token itself carries: how long it can be redeemed, the cookie, and the device it would be bound to.
import { PARAMETERS } from '@app/expressplay';
import { EventError } from '../../protocol/event-error.js';
import type { TokenParameters } from '../../protocol/token-parameters.js';
import { characterCount, isHex, readMoment, REPLACEMENT_CHARACTER } from '../../protocol/values.js';

/** The longest life of a token, and the one it has by default: 30 days. */
const LONGEST_LIFE_MS = 30 * 24 * 3600 * 1000;
const LONGEST_COOKIE = 32;
const DEVICE_ID_DIGITS = 32;

/** Reads `expirationTime`: in the future, and at most 30 days from the token's issue. @throws EventError -2002 */
export function readExpiration(parameters: TokenParameters, issuedAt: Date): Date {
  const latest = new Date(issuedAt.getTime() + LONGEST_LIFE_MS);
  const value = parameters.get(PARAMETERS.expirationTime);
  if (value === undefined) return latest;
  const expiresAt = readMoment(value, issuedAt);
  if (expiresAt === undefined) throw new EventError(-2002, `${value} is no RFC 3339 date-time in Z and no +seconds`);
  if (expiresAt <= issuedAt) throw new EventError(-2002, `${value} is not in the future`);
  if (expiresAt > latest) throw new EventError(-2002, `${value} is more than 30 days ahead`);
  return expiresAt;
}

/** Reads `cookie`: at most 32 characters, null when it is not given. @throws EventError -2033 */
export function readCookie(parameters: TokenParameters): string | null {
  const cookie = parameters.get(PARAMETERS.cookie) ?? null;
  if (cookie === null) return null;
  if (characterCount(cookie) > LONGEST_COOKIE) throw new EventError(-2033, 'it has more than 32 characters');
  if (cookie.includes(REPLACEMENT_CHARACTER)) throw new EventError(-2033, 'it is not UTF-8');
  return cookie;
}

/** Checks PlayReady's `deviceId`: 32 hexadecimal characters. @throws EventError -5004, -5005 */
export function checkDeviceId(parameters: TokenParameters): void {
  const deviceId = parameters.get(PARAMETERS.deviceId);
  if (deviceId === undefined) return;
  if (characterCount(deviceId) !== DEVICE_ID_DIGITS) throw new EventError(-5004);
  if (!isHex(deviceId)) throw new EventError(-5005);
}

/** Refuses `deviceId` where tokens cannot be bound to one. @throws EventError with the service's code for it */
export function refuseDeviceId(parameters: TokenParameters, code: -6008 | -7002): void {
  if (parameters.has(PARAMETERS.deviceId)) throw new EventError(code);
}
